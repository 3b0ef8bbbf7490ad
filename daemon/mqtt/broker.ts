import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { Aedes, type AedesOptions, type AuthenticateError, type Client, type Connection } from 'aedes';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { Topics } from '../api/topics.ts';
import type { Authenticator, Identity } from '../auth/authenticator.ts';
import { permittedHost, urlHost } from '../auth/listening.ts';
import { matches } from './link.ts';
import { PacketLimit } from './packet-limit.ts';

const MOST_CONNECTIONS = 64;
const LARGEST_PACKET = 64 * 1024;
const CONNECT_TIMEOUT = 10_000;
/** ms between two attempts to listen on a port that somebody else has. */
const LISTEN_AGAIN = 15_000;
/** Out of reach for everybody: subscriptions below $SYS are refused. */
const NOWHERE = '$SYS/roomtone/dropped';

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3. */
const RETURN_CODES: Partial<Record<ErrorCode, number>> = { 'auth.too_many': 3, 'auth.wrong_password': 4, 'auth.required': 5 };

export interface BrokerOptions {
  log: Logger;
  clock: Clock;
  auth: Authenticator;
  topics: Topics;
  /** Where Home Assistant tells that it has started: outside clients may publish it. */
  birthTopic: string;
  host: string;
  /** 0: any free one. */
  port: number;
}

export interface BrokerEvents {
  /** A message of an outside client was acknowledged and dropped. */
  refused: [{ topic: string; client: string; code: 'mqtt.topic_refused' | 'mqtt.retained_refused' }];
  problem: [{ code: ErrorCode; params: MessageParams } | null];
}

/** The broker inside the hub (MQTT 3.1 and 3.1.1). Beyond loopback it listens only once a password exists, and it lets nobody in without one. */
export class EmbeddedBroker implements Part {
  readonly events = new EventEmitter<BrokerEvents>();
  readonly #options: BrokerOptions;
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  #retry: Timer | undefined;
  /** The last attempt to listen failed, and was told. */
  #isTold = false;
  readonly #sockets = new Set<Socket>();
  /** Of outside connections. */
  readonly #addresses = new WeakMap<Connection, string>();
  readonly #identities = new Map<Client, Identity>();

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** A port that is taken is a problem to report, not an error: the hub's own connection works all the same, and the port is tried again. */
  async start(): Promise<void> {
    const aedes = await Aedes.createBroker(this.#hooks());
    aedes.on('clientDisconnect', (client) => this.#identities.delete(client));
    this.#aedes = aedes;
    this.#server = createServer((socket) => this.#accept(aedes, socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#options.auth.events.on('revoked', this.#onRevoked).on('password', this.#onPassword);
    await this.#listen(this.#options.port);
  }

  async close(): Promise<void> {
    this.#options.auth.events.off('revoked', this.#onRevoked).off('password', this.#onPassword);
    const { aedes, server } = { aedes: this.#aedes, server: this.#server };
    this.#aedes = undefined;
    this.#server = undefined;
    this.#retry?.cancel();
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  /** Where clients of this machine find it; empty while it does not listen. */
  url(): string {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return address ? `mqtt://${urlHost(address.address)}:${address.port}` : '';
  }

  /** A connection in memory for the hub itself, which needs no password. */
  connect(): Duplex {
    if (!this.#aedes) throw new RoomtoneError('api.closed');
    const [ours, theirs] = duplexPair();
    this.#aedes.handle(theirs);
    return ours;
  }

  #accept(aedes: Aedes, socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    const limit = new PacketLimit({ limit: LARGEST_PACKET });
    const connection = Duplex.from({ readable: socket.pipe(limit), writable: socket });
    socket.once('error', () => connection.destroy());
    this.#addresses.set(connection, socket.remoteAddress ?? '');
    aedes.handle(connection);
  }

  #hooks(): AedesOptions {
    const personal = (['text/set', 'body/set'] as const).map((what) => this.#options.topics.room('+', what));
    const isPersonal = (topic: string): boolean => personal.some((filter) => matches(filter, topic));
    return {
      connectTimeout: CONNECT_TIMEOUT,
      preConnect: (_client, packet, done) => {
        // A session that outlives its connection would pile messages up in memory. Retained states make up for it.
        packet.clean = true;
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, { username, password: password?.toString('utf8') }).then(
          () => done(null, true),
          (error: unknown) => done(refusal(toRoomtoneError(error)), null),
        );
      },
      authorizePublish: (client, packet, done) => {
        const code = client && this.#isOutside(client) ? this.#refusalOf(packet) : undefined;
        if (code && client) {
          this.events.emit('refused', { topic: packet.topic, client: client.id, code });
          // MQTT 3.1.1 §3.3.5 leaves two answers to what is not allowed: end the connection, or acknowledge and drop.
          // One bad automation must not cut all of Home Assistant off; and aedes drops nothing, so it goes nowhere.
          packet.topic = NOWHERE;
          packet.retain = false;
        }
        done(null);
      },
      // What somebody writes to a room, or their body tells, is for the hub alone.
      authorizeForward: (client, packet) => (this.#isOutside(client) && isPersonal(packet.topic) ? null : packet),
      authorizeSubscribe: (_client, subscription, done) => {
        done(null, subscription.topic.startsWith('$SYS') ? null : subscription);
      },
    };
  }

  async #authenticate(client: Client, login: { username: string | undefined; password: string | undefined }): Promise<void> {
    const address = this.#addresses.get(client.conn);
    if (address === undefined) return;
    const { username, password } = login;
    const identity = await this.#options.auth.connect({ address, ...(username && { username }), ...(password && { password }) });
    this.#identities.set(client, identity);
  }

  #isOutside(client: Client): boolean {
    return this.#addresses.has(client.conn);
  }

  #refusalOf({
    topic,
    retain,
    payload,
  }: {
    topic: string;
    retain: boolean;
    payload: string | Buffer;
  }): BrokerEvents['refused'][0]['code'] | undefined {
    const { topics, birthTopic } = this.#options;
    if (topic === birthTopic) return undefined;
    const isSet = topic.startsWith(`${topics.base}/`) && topic.endsWith('/set');
    if (!isSet && !topic.startsWith(topics.request(''))) return 'mqtt.topic_refused';
    return retain && payload.length > 0 ? 'mqtt.retained_refused' : undefined;
  }

  readonly #onRevoked = (isRevoked: (identity: Identity) => boolean): void => {
    for (const [client, identity] of [...this.#identities]) if (isRevoked(identity)) client.close();
  };

  readonly #onPassword = (): void => {
    const { host } = this.#options;
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (!this.#server || !address || permittedHost(host, { hasPassword: false }) === host) return;
    this.#server.close();
    void this.#listen(address.port);
  };

  async #listen(port: number): Promise<void> {
    const { auth, clock, host, log } = this.#options;
    const server = this.#server;
    if (!server) return;
    const permitted = permittedHost(host, auth);
    try {
      server.listen({ host: permitted, port });
      await once(server, 'listening');
      this.#isTold = false;
      log.info({ url: this.url() }, 'broker listens');
      const refused = permitted !== host;
      this.events.emit('problem', refused ? { code: 'auth.no_password', params: { what: `MQTT on ${host}` } } : null);
    } catch (error) {
      if (!this.#isTold) log.warn({ err: error, port }, 'broker cannot listen; trying again');
      this.#isTold = true;
      this.events.emit('problem', listenProblem(error as NodeJS.ErrnoException, { host: permitted, port }));
      this.#retry = clock.after(LISTEN_AGAIN, () => void this.#listen(port));
    }
  }
}

function listenProblem(
  { code, message }: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): BrokerEvents['problem'][0] {
  if (code === 'EADDRINUSE') return { code: 'mqtt.port_in_use', params: { port } };
  return { code: 'mqtt.cannot_listen', params: { host, port, what: code ?? message } };
}

function refusal(error: RoomtoneError): AuthenticateError {
  return Object.assign(error, { returnCode: RETURN_CODES[error.code] ?? 5 });
}
