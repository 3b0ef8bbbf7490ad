import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { TcpProxy } from './tcp-proxy.ts';

/**
 * The network between a device and the hub, which may be cut: nothing passes then, neither HTTP nor media. Chromium's own
 * network emulation reaches HTTP alone. So HTTP goes through a proxy, and in the answers of WHIP the addresses of the hub are
 * replaced by that of a relay of datagrams; what the device offers loses its own, so that media has no way around.
 */
export class HouseNetwork {
  readonly #hub: () => string;
  readonly #server: Server;
  readonly #wire: TcpProxy;
  readonly #relays: Relay[] = [];
  #isCut = false;

  /** @param hub its URL */
  constructor(hub: () => string) {
    this.#hub = hub;
    this.#server = createServer((request, response) => void this.#forward(request, response).catch(() => response.destroy()));
    this.#wire = new TcpProxy(() => ({ host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    await this.#wire.start();
  }

  /** Of the hub, through this network. */
  get url(): string {
    return `http://${this.#wire.address}`;
  }

  cut(): void {
    this.#isCut = true;
    this.#wire.freeze();
  }

  /** Connections of before are broken. */
  mend(): void {
    this.#isCut = false;
    this.#wire.thaw();
  }

  async close(): Promise<void> {
    for (const relay of this.#relays) relay.close();
    await this.#wire.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const isOffer = method === 'POST' && /\/whip(\?|$)/.test(url);
    const { 'content-length': _, ...others } = headers;
    const forward = send(new URL(url, this.#hub()), { method, headers: isOffer ? others : headers });
    forward.on('error', () => response.destroy());
    response.on('close', () => forward.destroy());
    if (isOffer) forward.end(withoutCandidates(await text(request)));
    else request.pipe(forward);
    const [answer] = (await once(forward, 'response')) as [IncomingMessage];
    if (!isOffer || answer.statusCode !== 201) {
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
      return;
    }
    const { 'content-length': __, ...kept } = answer.headers;
    response.writeHead(201, kept).end(await this.#relayed(await text(answer)));
  }

  async #relayed(answer: string): Promise<string> {
    const [candidate = '', hub = '', port = ''] = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*$/im.exec(answer) ?? [];
    const relay = await Relay.open({ address: hub, port: Number(port), passes: () => !this.#isCut });
    this.#relays.push(relay);
    const through = candidate.replace(`${hub} ${port}`, `127.0.0.1 ${relay.port}`);
    return withoutCandidates(answer).replace(/^a=mid:.*$/m, (mid) => `${mid}\r\n${through}`);
  }
}

interface Target {
  address: string;
  port: number;
  /** Whether a datagram gets through now. */
  passes: () => boolean;
}

/** Passes datagrams to one place and back, as a router with address translation does. */
class Relay {
  readonly #target: Target;
  readonly #outer = createSocket('udp4');
  /** By whom they speak for. */
  readonly #inner = new Map<string, Socket>();

  private constructor(target: Target) {
    this.#target = target;
    this.#outer.on('message', (datagram, { address, port }) => this.#pass(datagram, { address, port }));
  }

  static async open(target: Target): Promise<Relay> {
    const relay = new Relay(target);
    relay.#outer.bind(0, '127.0.0.1');
    await once(relay.#outer, 'listening');
    return relay;
  }

  get port(): number {
    return this.#outer.address().port;
  }

  close(): void {
    for (const socket of [this.#outer, ...this.#inner.values()]) socket.close();
  }

  #pass(datagram: Buffer, from: { address: string; port: number }): void {
    const { address, port, passes } = this.#target;
    if (!passes()) return;
    const key = `${from.address} ${from.port}`;
    let inner = this.#inner.get(key);
    if (!inner) {
      inner = createSocket('udp4', (answer) => passes() && this.#outer.send(answer, from.port, from.address));
      // Nobody there any more.
      inner.on('error', () => {});
      this.#inner.set(key, inner);
    }
    inner.send(datagram, port, address);
  }
}

const withoutCandidates = (sdp: string): string => sdp.replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '');
