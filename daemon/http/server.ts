import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import type { Part } from '../api/part.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { permittedHost, urlHost } from '../auth/listening.ts';
import { buildApp } from './app.ts';
import { LiveStreams } from './live.ts';

const MOST_CONNECTIONS = 256;

export interface HttpServerOptions {
  log: Logger;
  clock: Clock;
  hub: HubApi;
  auth: Authenticator;
  host: string;
  /** 0: any free one. */
  port: number;
  /** Names in `Host` that are ours, besides localhost, this machine's name and addresses. */
  allowedHosts?: readonly string[];
  /** Folder of the built control panel. */
  staticDir: string;
  version: string;
}

export interface HttpServerEvents {
  /** Something a person should mend, or (null) that it has passed. */
  problem: [{ scope: 'http'; problem: { code: ErrorCode; params: MessageParams } | null }];
}

/** The control panel and its API. Beyond loopback it listens only once a password exists, from that moment on. */
export class HttpServer implements Part {
  readonly events = new EventEmitter<HttpServerEvents>();
  readonly #options: HttpServerOptions;
  readonly #live: LiveStreams;
  #app: FastifyInstance | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#live = new LiveStreams(options);
  }

  /** @throws RoomtoneError `http.port_in_use`, `http.cannot_listen` */
  async start(): Promise<void> {
    const { auth, allowedHosts = [] } = this.#options;
    const app = await buildApp({ ...this.#options, live: this.#live, names: [hostname(), ...allowedHosts] });
    app.server.maxConnections = MOST_CONNECTIONS;
    await app.ready();
    this.#app = app;
    await this.#listen(app.server, this.#options.port);
    this.#live.start();
    auth.events.on('password', this.#onPassword);
  }

  async close(): Promise<void> {
    this.#options.auth.events.off('password', this.#onPassword);
    const app = this.#app;
    this.#app = undefined;
    this.#live.close();
    if (!app) return;
    app.server.closeAllConnections();
    await app.close();
  }

  /** Where this machine's own browser finds the panel, without a slash at the end. */
  url(): string {
    const address = this.#app?.server.address();
    if (!address || typeof address === 'string') throw new RoomtoneError('api.closed');
    return `http://${urlHost(address.address)}:${address.port}`;
  }

  /** The link that chooses the first password: the token stays in the fragment, which browsers do not send. Undefined once there is one. */
  setupUrl(): string | undefined {
    const token = this.#options.auth.setupToken();
    return token === undefined ? undefined : `${this.url()}/setup#token=${token}`;
  }

  readonly #onPassword = (): void => {
    const server = this.#app?.server;
    const address = server?.address() as AddressInfo | null | undefined;
    if (!server || !address || permittedHost(this.#options.host, { hasPassword: false }) === this.#options.host) return;
    // Stops only listening: the request that chose the password is still being answered.
    server.close();
    this.#listen(server, address.port).catch(async (error: unknown) => {
      this.#options.log.error({ err: error }, 'cannot listen on the configured address');
      const known = error instanceof RoomtoneError ? error : new RoomtoneError('internal.unexpected', { cause: error });
      server.listen({ host: address.address, port: address.port });
      await once(server, 'listening');
      this.events.emit('problem', { scope: 'http', problem: { code: known.code, params: known.params } });
    });
  };

  async #listen(server: Server, port: number): Promise<void> {
    const { auth, host, log } = this.#options;
    const permitted = permittedHost(host, auth);
    const refused = permitted !== host;
    try {
      server.listen({ host: permitted, port });
      await once(server, 'listening');
    } catch (error) {
      throw listenError(error as NodeJS.ErrnoException, { host: permitted, port });
    }
    log.info({ url: this.url() }, 'control panel listens');
    if (refused) log.warn({ host }, 'no password yet: the panel listens on this machine alone');
    const problem = refused ? { code: 'auth.no_password' as const, params: { what: `Listening on ${host}` } } : null;
    this.events.emit('problem', { scope: 'http', problem });
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): RoomtoneError {
  if (error.code === 'EADDRINUSE') return new RoomtoneError('http.port_in_use', { params: { port }, cause: error });
  return new RoomtoneError('http.cannot_listen', { params: { host, port, what: error.code ?? error.message }, cause: error });
}
