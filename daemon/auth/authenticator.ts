import { createHash, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { ApiToken, CredentialsPort } from '../api/ports.ts';
import { HashingQueue } from './hashing-queue.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { LoginThrottle } from './throttle.ts';

export const ADMIN = 'admin';
/** NIST SP 800-63B asks for 8 at least; one password guards the whole house. */
export const SHORTEST_PASSWORD = 10;

const DAY = 24 * 3600_000;
const SESSION_LIFE = 30 * DAY;
/** A session in use is written anew once a day, not at every request: cards wear out. */
const RENEW_BELOW = SESSION_LIFE - DAY;
const TOKEN_PREFIX = 'rt_';

/** Who stands behind a request or connection, and by which credential, so that its end can end them too. */
export interface Identity {
  via: 'session' | 'token' | 'password';
  /** `admin`, or the token's name. */
  name: string;
  /** Hash of the session's id, or id of the token. No secret. */
  credential: string;
  /** The only thing it may do: send to this phone source. Absent: everything. */
  source?: string;
}

export interface OpenedSession {
  /** The secret that the browser keeps. */
  id: string;
  identity: Identity;
  /** Epoch ms */
  expiresAt: number;
}

export interface AuthenticatorEvents {
  /** Credentials ended: whoever the predicate holds true of is to be sent away. */
  revoked: [(identity: Identity) => boolean];
  /** A password was chosen, for the first time or anew. */
  password: [];
}

export interface AuthenticatorOptions {
  clock: Clock;
  /** That many unpredictable bytes. */
  random: (bytes: number) => Buffer;
  credentials: CredentialsPort;
}

/** Decides who comes in, for http and mqtt alike. Secrets pass through; only their hashes are kept. */
export class Authenticator {
  readonly events = new EventEmitter<AuthenticatorEvents>();
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Buffer;
  readonly #credentials: CredentialsPort;
  readonly #throttle: LoginThrottle;
  readonly #hashing = new HashingQueue();
  #setupToken: string | undefined;
  #setupUsed = false;
  /** The password's record as this process last knew it. */
  #noticed: string | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#credentials = options.credentials;
    this.#throttle = new LoginThrottle(options);
    this.#noticed = options.credentials.password();
  }

  get hasPassword(): boolean {
    return this.#credentials.password() !== undefined;
  }

  /** For the link in the terminal: valid once, for this run, while there is no password. */
  setupToken(): string | undefined {
    if (this.#setupUsed || this.hasPassword) return undefined;
    this.#setupToken ??= this.#random(16).toString('base64url');
    return this.#setupToken;
  }

  /** @throws RoomtoneError `auth.bad_setup_token`, `auth.weak_password`, `auth.too_many` */
  async setUp(request: { token: string; password: string; address: string }): Promise<OpenedSession> {
    requireLength(request.password);
    this.#throttle.admit(request.address);
    const token = this.setupToken();
    if (token === undefined || !sameSecret(token, request.token)) throw new RoomtoneError('auth.bad_setup_token');
    this.#throttle.succeeded(request.address);
    this.#setupUsed = true;
    try {
      await this.setPassword(request.password);
    } catch (error) {
      this.#setupUsed = false;
      throw error;
    }
    return this.#openSession();
  }

  /**
   * For the person at the hub's own terminal, who needs no old password.
   * @throws RoomtoneError `auth.weak_password`
   */
  async setPassword(password: string): Promise<void> {
    requireLength(password);
    this.#credentials.setPassword(await this.#hashing.run(() => hashPassword(password, this.#random)));
    this.notice();
  }

  /** To be called now and then: `roomtone password` is another process, and what it did must end and open the same doors. */
  notice(): void {
    const record = this.#credentials.password();
    if (record === this.#noticed) return;
    this.#noticed = record;
    this.events.emit('revoked', ({ via }) => via !== 'token');
    this.events.emit('password');
  }

  /** @throws RoomtoneError `auth.wrong_password`, `auth.too_many`, `auth.no_password` */
  async login(request: { password: string; address: string }): Promise<OpenedSession> {
    await this.#verify(request);
    // Whoever comes in by a password that is new here is not to be sent away for it.
    this.notice();
    this.#credentials.sessions.purge();
    return this.#openSession();
  }

  /**
   * Ends every session and every MQTT connection made with the password; tokens stay. The caller gets a new session.
   * @throws RoomtoneError `auth.wrong_password`, `auth.too_many`, `auth.weak_password`
   */
  async changePassword(request: { current: string; next: string; address: string }): Promise<OpenedSession> {
    requireLength(request.next);
    await this.#verify({ password: request.current, address: request.address });
    await this.setPassword(request.next);
    return this.#openSession();
  }

  /** Undefined where the session has ended. `renewedUntil` (epoch ms) is there when its life was just prolonged. */
  session(id: string): { identity: Identity; renewedUntil?: number } | undefined {
    return this.#sessionByHash(hashOf(id));
  }

  logout(id: string): void {
    const hash = hashOf(id);
    this.#credentials.sessions.remove(hash);
    this.events.emit('revoked', ({ credential }) => credential === hash);
  }

  /** Who holds an API token. One that is bound to a source lets nobody in here. */
  token(token: string): Identity | undefined {
    const found = this.publisher(token);
    return found?.source === undefined ? found : undefined;
  }

  /** Who may send to a phone source by this token: to the one that it is bound to, if it is. */
  publisher(token: string): Identity | undefined {
    const found = token.startsWith(TOKEN_PREFIX) ? this.#credentials.tokens.find(hashOf(token)) : undefined;
    return found && { via: 'token', name: found.name, credential: found.id, ...(found.source !== null && { source: found.source }) };
  }

  tokens(): ApiToken[] {
    return this.#credentials.tokens.list();
  }

  /** The secret is shown to its owner once and can't be read again. With a source it can do nothing but send to that. */
  createToken(name: string, source: string | null = null): { token: ApiToken; secret: string } {
    const secret = TOKEN_PREFIX + this.#random(32).toString('base64url');
    return { token: this.#credentials.tokens.add({ name, source, hash: hashOf(secret) }), secret };
  }

  /** False where there is no such token. */
  removeToken(id: string): boolean {
    const removed = this.#credentials.tokens.remove(id);
    if (removed) this.events.emit('revoked', ({ via, credential }) => via === 'token' && credential === id);
    return removed;
  }

  /**
   * For clients that send a user name and a password: `admin` with the admin password, or any name with an API token.
   * @throws RoomtoneError `auth.required`, `auth.wrong_password`, `auth.too_many`, `auth.no_password`
   */
  async connect(request: { username?: string; password?: string; address: string }): Promise<Identity> {
    const { username, password, address } = request;
    if (!username || !password) throw new RoomtoneError('auth.required');
    const byToken = this.token(password);
    if (byToken) return byToken;
    await this.#verify({ password: username === ADMIN ? password : undefined, address });
    return { via: 'password', name: ADMIN, credential: ADMIN };
  }

  /** Whether what let somebody in still would: for connections that stay open. */
  holds(identity: Identity): boolean {
    if (identity.via === 'session') return this.#sessionByHash(identity.credential) !== undefined;
    if (identity.via === 'token') return this.tokens().some(({ id }) => id === identity.credential);
    return this.hasPassword;
  }

  async #verify(attempt: { password: string | undefined; address: string }): Promise<void> {
    const record = this.#credentials.password();
    if (record === undefined) throw new RoomtoneError('auth.no_password', { params: { what: 'Logging in' } });
    this.#throttle.admit(attempt.address);
    const { password } = attempt;
    const right = password !== undefined && (await this.#hashing.run(() => verifyPassword(record, password)));
    if (!right) throw new RoomtoneError('auth.wrong_password');
    this.#throttle.succeeded(attempt.address);
  }

  #openSession(): OpenedSession {
    const id = this.#random(32).toString('base64url');
    const expiresAt = this.#clock.wall() + SESSION_LIFE;
    const hash = hashOf(id);
    this.#credentials.sessions.add({ hash, user: ADMIN, expiresAt });
    return { id, identity: { via: 'session', name: ADMIN, credential: hash }, expiresAt };
  }

  #sessionByHash(hash: string): { identity: Identity; renewedUntil?: number } | undefined {
    const session = this.#credentials.sessions.get(hash);
    if (!session) return undefined;
    const identity: Identity = { via: 'session', name: session.user, credential: hash };
    const now = this.#clock.wall();
    if (session.expiresAt - now >= RENEW_BELOW) return { identity };
    const renewedUntil = now + SESSION_LIFE;
    this.#credentials.sessions.add({ hash, user: session.user, expiresAt: renewedUntil });
    return { identity, renewedUntil };
  }
}

function requireLength(password: string): void {
  if (password.length < SHORTEST_PASSWORD) throw new RoomtoneError('auth.weak_password', { params: { length: SHORTEST_PASSWORD } });
}

/** Ids and tokens are 256 random bits: nothing to stretch, so a plain hash keeps them from whoever reads the database. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const sameSecret = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(hashOf(a)), Buffer.from(hashOf(b)));
