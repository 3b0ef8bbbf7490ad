import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../api/errors.ts';
import type { HubApi } from '../api/hub.ts';
import type { Part } from '../api/part.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { isLoopback, permittedHost, urlHost } from '../auth/listening.ts';
import { buildApp } from './app.ts';
import { LiveStreams } from './live.ts';
import { ObservationStreams } from './observations.ts';
import { SharedPort } from './shared-port.ts';

const MOST_CONNECTIONS = 256;

export interface HttpServerOptions {
  log: Logger;
  clock: Clock;
  hub: HubApi;
  auth: Authenticator;
  host: string;
  /** 0: any free one. */
  port: number;
  /** The certificate for HTTPS on the same port, asked at the start; null: plain HTTP alone. */
  certificate?: () => { cert: string; key: string } | null;
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
  readonly #observations: ObservationStreams;
  #app: FastifyInstance | undefined;
  #secure: SharedPort | undefined;
  #isClosing = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#live = new LiveStreams(options);
    this.#observations = new ObservationStreams(options);
  }

  /** @throws RoomtoneError `http.port_in_use`, `http.cannot_listen` */
  async start(): Promise<void> {
    const { auth, allowedHosts = [] } = this.#options;
    const certificate = this.#options.certificate?.() ?? null;
    const app = await buildApp({
      ...this.#options,
      live: this.#live,
      observations: this.#observations,
      names: [hostname(), ...allowedHosts],
      tls: certificate !== null,
      isClosing: () => this.#isClosing,
    });
    if (certificate) this.#secure = new SharedPort({ server: app.server, clock: this.#options.clock, ...certificate });
    app.server.maxConnections = MOST_CONNECTIONS;
    await app.ready();
    this.#app = app;
    await this.#listen(app.server, this.#options.port);
    this.#live.start();
    this.#observations.start();
    auth.events.on('password', this.#onPassword);
  }

  /** From now on nothing is changed any more: whoever asks for it is told that the hub is stopping. */
  refuseChanges(): void {
    this.#isClosing = true;
  }

  async close(): Promise<void> {
    this.#options.auth.events.off('password', this.#onPassword);
    const app = this.#app;
    this.#app = undefined;
    this.#live.close();
    this.#observations.close();
    if (!app) return;
    app.server.closeAllConnections();
    this.#secure?.close();
    await app.close();
  }

  /** From now on, this certificate is shown. */
  renew(certificate: { cert: string; key: string }): void {
    this.#secure?.renew(certificate);
  }

  /** Where other devices find the panel by HTTPS: by this machine's name, then by address. None while it listens on loopback alone. */
  addresses(): string[] {
    const address = this.#app?.server.address();
    if (!this.#secure || !address || typeof address === 'string' || isLoopback(address.address)) return [];
    const everywhere = address.address === '0.0.0.0' || address.address === '::';
    const own = hostname().toLowerCase();
    const names = [own.includes('.') ? own : `${own}.local`, ...(everywhere ? networkAddresses() : [address.address])];
    return names.map((name) => `https://${urlHost(name)}:${address.port}`);
  }

  /** Where this machine's own browser finds the panel, without a slash at the end. */
  url(): string {
    const address = this.#app?.server.address();
    if (!address || typeof address === 'string') throw new RoomtoneError('api.closed');
    const host = urlHost(address.address);
    const isOpen = !isLoopback(host.replaceAll(/[[\]]/g, ''));
    return `${this.#secure && isOpen ? 'https' : 'http'}://${host}:${address.port}`;
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

/** IPv4 alone: those of IPv6 change from day to day where they are private (RFC 8981). */
function networkAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): RoomtoneError {
  if (error.code === 'EADDRINUSE') return new RoomtoneError('http.port_in_use', { params: { port }, cause: error });
  return new RoomtoneError('http.cannot_listen', { params: { host, port, what: error.code ?? error.message }, cause: error });
}
