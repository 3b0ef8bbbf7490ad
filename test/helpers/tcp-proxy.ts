import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server on loopback, to show what the network can do to a connection. */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: () => { host: string; port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #frozen = false;
  /** ms by which every byte comes later. */
  #delay = 0;

  constructor(target: () => { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Clients that are connected. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Half-open: connections stay, new ones are taken, and no byte passes either way. */
  freeze(): void {
    this.#frozen = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Every byte comes later by so many ms from here on. */
  slow(delay: number): void {
    this.#delay = delay;
  }

  /** What was frozen breaks, as when a router has forgotten it; new connections work. */
  thaw(): void {
    this.#frozen = false;
    this.#breakAll();
  }

  /** Resolves when nobody is connected any more. */
  async empty(): Promise<void> {
    while (this.#pairs.size > 0) await once(this.#server, 'left');
  }

  async close(): Promise<void> {
    this.#breakAll();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const server = connect({ ...this.#target(), noDelay: true });
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    const leave = (): void => {
      client.destroy();
      server.destroy();
      if (this.#pairs.delete(pair)) this.#server.emit('left');
    };
    for (const [from, to] of [pair, [server, client]] as const) {
      from.on('error', leave).on('close', leave);
      from.on('data', (chunk) => {
        if (this.#delay === 0) to.write(chunk);
        else setTimeout(() => to.write(chunk), this.#delay);
      });
      if (this.#frozen) from.pause();
    }
  }

  #breakAll(): void {
    for (const [client, server] of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }
}
