import { createSocket, type Socket } from 'node:dgram';
import ssdp, { type SsdpHeaders } from 'node-ssdp';
import type { SsdpDevice } from '../devices/discovery.ts';

/** UPnP Device Architecture 2.0, section 1.1.1. */
const PORT = 1900;
const GROUP = '239.255.255.250';

export interface SsdpSearchOptions {
  /** IPv4 address of the interface to ask from. */
  address: string;
  target: string;
  /** Where questions go, if not to the group of the standard. */
  group?: string;
  port?: number;
  onAnswer(device: SsdpDevice): void;
  onError(error: Error): void;
}

/** A search for one target on one interface; answers come until it is stopped. */
export class SsdpSearch {
  readonly #client: SendingClient;
  readonly #target: string;
  #stopped = false;

  constructor({ address: from, target, group = GROUP, port = PORT, onAnswer, onError }: SsdpSearchOptions) {
    this.#target = target;
    this.#client = new SendingClient(from, { ssdpIp: group, ssdpPort: port });
    this.#client.on('response', (headers, status, { address }) => {
      const device = status === 200 ? readAnswer(headers, address) : undefined;
      if (device) onAnswer(device);
    });
    // Unsettled for good where the socket cannot be bound.
    void this.#client.start().then(() => this.askAgain(), onError);
  }

  /** After `stop`, the client would open new sockets. */
  askAgain(): void {
    if (!this.#stopped) this.#client.search(this.#target);
  }

  stop(): void {
    this.#stopped = true;
    this.#client.stop();
  }
}

function readAnswer(fields: SsdpHeaders, address: string): SsdpDevice | undefined {
  const texts = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  const headers = Object.fromEntries(texts);
  const { usn, location, server = '' } = headers;
  return usn && location ? { address, usn, location, server, headers } : undefined;
}

/**
 * node-ssdp's client with sockets of our own: its own join the multicast group, which answers to a search do not need, and
 * try again on a timer that throws where no caller can catch it when an interface went meanwhile.
 */
class SendingClient extends ssdp.Client {
  readonly #address: string;
  declare sockets: Record<string, Socket>;

  constructor(address: string, options: { ssdpIp: string; ssdpPort: number }) {
    super({ ...options, explicitSocketBind: true });
    this.#address = address;
  }

  /** Called by `start`. */
  _createSockets(): void {
    const socket = createSocket('udp4');
    socket.addMembership = () => {};
    this.sockets = { [this.#address]: socket };
  }
}
