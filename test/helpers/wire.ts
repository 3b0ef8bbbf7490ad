import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Whatever takes TLS connections in this process. */
export interface Host {
  /** The ends of its connections that are open. */
  readonly connections: Iterable<TLSSocket>;
  /** Requests that have arrived and whose answer takes its time by the clock. */
  readonly pondered: number;
}

/**
 * What is on its way over TLS between hosts and undici clients of one process. The kernel hands bytes on when it likes,
 * so only a comparison of both ends tells that there is nothing left to come.
 */
export class Wire {
  readonly #hosts = new Set<Host>();
  readonly #clients = new Set<TLSSocket>();
  readonly #names = new WeakMap<TLSSocket, string>();

  constructor() {
    subscribe('undici:client:connected', this.#onConnected);
  }

  /** Every host that is spoken to must be known. */
  watch(host: Host): void {
    this.#hosts.add(host);
  }

  close(): void {
    unsubscribe('undici:client:connected', this.#onConnected);
    this.#clients.clear();
  }

  get pondered(): number {
    return [...this.#hosts].reduce((sum, host) => sum + host.pondered, 0);
  }

  /** Whether anything that one end sent has not reached the other: bytes, a connection, or the end of one. */
  get isBusy(): boolean {
    const hosts = [...this.#hosts].flatMap(({ connections }) => [...connections]);
    if ([...hosts, ...this.#clients].some(({ destroyed }) => destroyed)) return true;
    const ends = new Map(hosts.map((end) => [this.#name(end), end]));
    for (const client of this.#clients) {
      const end = ends.get(this.#name(client));
      if (!end || end.bytesWritten !== client.bytesRead || client.bytesWritten !== end.bytesRead) return true;
    }
    return ends.size !== this.#clients.size;
  }

  readonly #onConnected = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (!isSecure(socket)) return;
    this.#name(socket);
    this.#clients.add(socket);
    socket.once('close', () => this.#clients.delete(socket));
  };

  /** The same at both ends and nowhere else (RFC 9266), whatever proxies lie between them. */
  #name(end: TLSSocket): string {
    const name = this.#names.get(end) ?? end.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)).toString('hex');
    this.#names.set(end, name);
    return name;
  }
}

const isSecure = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;
