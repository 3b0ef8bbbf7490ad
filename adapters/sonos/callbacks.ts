import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Logger } from 'pino';
import { MAX_CHARS } from './xml.ts';

/** A NOTIFY (UPnP Device Architecture 2.0, section 4.3.2). */
export interface Notification {
  sid: string;
  /** Counts from 0; 0 is the first picture. */
  seq: number;
  body: string;
}

export interface Callback {
  url: string;
  close(): void;
}

export interface CallbacksOptions {
  log: Logger;
  /** TCP port; 0: any free one. */
  port: number;
}

/**
 * Where players tell of changes. For each address of this machine that a player can be reached from there is one small server, which
 * answers to nothing but the paths it gave out.
 */
export class Callbacks {
  readonly #options: CallbacksOptions;
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #takers = new Map<string, (notification: Notification) => void>();
  #closed = false;

  constructor(options: CallbacksOptions) {
    this.#options = options;
  }

  /** @param device URL of a device, which is to call back. @throws Error where there is no way to it */
  async open(device: string, take: (notification: Notification) => void): Promise<Callback> {
    const { hostname, port } = new URL(device);
    const address = await addressToward(hostname.replace(/^\[|\]$/g, ''), Number(port) || 80);
    const server = await this.#serverAt(address);
    const path = `/${randomUUID()}`;
    this.#takers.set(path, take);
    const host = isIPv6(address) ? `[${address}]` : address;
    const url = `http://${host}:${(server.address() as AddressInfo).port}${path}`;
    return { url, close: () => void this.#takers.delete(path) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#takers.clear();
    const servers = await Promise.allSettled(this.#servers.values());
    const open = servers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    await Promise.all(
      open.map((server) => {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  #serverAt(address: string): Promise<Server> {
    if (this.#closed) return Promise.reject(new Error('closed'));
    const server = this.#servers.get(address) ?? this.#listen(address);
    this.#servers.set(address, server);
    server.catch(() => this.#servers.delete(address));
    return server;
  }

  async #listen(address: string): Promise<Server> {
    const server = createServer(
      { requestTimeout: 10_000, keepAliveTimeout: 1000 },
      (request, response) => void this.#answer(request, response),
    );
    server.listen(this.#options.port, address);
    await once(server, 'listening');
    server.on('error', (error) => this.#options.log.warn({ event: 'callbacks_failed', address, err: error }, 'players cannot call back'));
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const take = request.method === 'NOTIFY' ? this.#takers.get(request.url ?? '') : undefined;
    try {
      const body = take && (await bodyOf(request));
      // A device that is told 412 ends the subscription (section 4.3.2).
      response.writeHead(take ? 200 : 412, { connection: 'close' }).end();
      if (body !== undefined) take?.({ sid: String(request.headers.sid ?? ''), seq: Number(request.headers.seq ?? 0), body });
    } catch {
      request.destroy();
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > MAX_CHARS) throw new Error('too long');
  }
  return body;
}

/** The address of this machine from which packets to a host go out: connecting a UDP socket asks for the route and sends nothing. */
async function addressToward(host: string, port: number): Promise<string> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    socket.connect(port, host);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}
