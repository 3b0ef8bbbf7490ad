import type { Clock } from './clock.ts';
import type { ApiToken, CredentialsPort, Session } from './ports.ts';

/** Credentials in memory. */
export class FakeCredentials implements CredentialsPort {
  readonly #clock: Clock;
  #password: string | undefined;
  readonly #tokens = new Map<string, ApiToken>();
  readonly #sessions = new Map<string, Session>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  password(): string | undefined {
    return this.#password;
  }

  setPassword(record: string): void {
    this.#password = record;
    this.#sessions.clear();
  }

  readonly tokens: CredentialsPort['tokens'] = {
    list: () => [...this.#tokens.values()],
    add: ({ name, hash, source = null }) => {
      const token = { id: String(this.#tokens.size + 1), name, source, createdAt: this.#clock.wall(), lastUsedAt: null };
      this.#tokens.set(hash, token);
      return token;
    },
    remove: (id) => {
      const entry = [...this.#tokens].find(([, token]) => token.id === id);
      return entry !== undefined && this.#tokens.delete(entry[0]);
    },
    find: (hash) => {
      const token = this.#tokens.get(hash);
      if (token) token.lastUsedAt = this.#clock.wall();
      return token;
    },
  };

  readonly sessions: CredentialsPort['sessions'] = {
    get: (hash) => {
      const session = this.#sessions.get(hash);
      return session && session.expiresAt > this.#clock.wall() ? session : undefined;
    },
    add: ({ hash, user, expiresAt }) => {
      const createdAt = this.#sessions.get(hash)?.createdAt ?? this.#clock.wall();
      this.#sessions.set(hash, { user, createdAt, expiresAt });
    },
    remove: (hash) => void this.#sessions.delete(hash),
    purge: () => {
      for (const [hash, session] of this.#sessions) if (session.expiresAt <= this.#clock.wall()) this.#sessions.delete(hash);
    },
  };

  /** Everything kept, as text: no secret may show in it. */
  dump(): string {
    return JSON.stringify([this.#password, [...this.#tokens], [...this.#sessions]]);
  }
}
