import { randomUUID } from 'node:crypto';
import type { Clock } from '../api/clock.ts';
import type { ApiToken, CredentialsPort, Session } from '../api/ports.ts';
import { type Db, guarded } from './database.ts';

/** A use is noted no more often than this: a client that asks every second must not write every second. */
const USE_NOTED_EVERY_MS = 10 * 60_000;

const TOKEN_COLUMNS = 'id, name, source, created_at AS createdAt, last_used_at AS lastUsedAt';

export function credentialsStore(db: Db, clock: Clock): CredentialsPort {
  const now = (): number => Math.round(clock.wall());
  return { ...passwordStore(db), tokens: tokenStore(db, now), sessions: sessionStore(db, now) };
}

function passwordStore(db: Db): Pick<CredentialsPort, 'password' | 'setPassword'> {
  const select = db.prepare<[], { record: string }>('SELECT record FROM password');
  const upsert = db.prepare('INSERT OR REPLACE INTO password (id, record) VALUES (1, ?)');
  const endSessions = db.prepare('DELETE FROM sessions');
  const change = db.transaction((record: string) => {
    upsert.run(record);
    endSessions.run();
  });
  return {
    password: () => guarded(db, () => select.get())?.record,
    setPassword: (record) => guarded(db, () => change(record)),
  };
}

function tokenStore(db: Db, now: () => number): CredentialsPort['tokens'] {
  const all = db.prepare<[], ApiToken>(`SELECT ${TOKEN_COLUMNS} FROM tokens ORDER BY created_at, id`);
  const byHash = db.prepare<[string], ApiToken>(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE hash = ?`);
  const insert = db.prepare('INSERT INTO tokens (id, name, source, hash, created_at) VALUES (?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM tokens WHERE id = ?');
  const noteUse = db.prepare('UPDATE tokens SET last_used_at = ? WHERE id = ?');
  return {
    list: () => guarded(db, () => all.all()),
    add({ name, hash, source = null }) {
      const token: ApiToken = { id: randomUUID(), name, source, createdAt: now(), lastUsedAt: null };
      guarded(db, () => insert.run(token.id, name, source, hash, token.createdAt));
      return token;
    },
    remove: (id) => guarded(db, () => remove.run(id)).changes > 0,
    find(hash) {
      const token = guarded(db, () => byHash.get(hash));
      if (!token) return undefined;
      const at = now();
      if (token.lastUsedAt !== null && Math.abs(at - token.lastUsedAt) < USE_NOTED_EVERY_MS) return token;
      guarded(db, () => noteUse.run(at, token.id));
      return { ...token, lastUsedAt: at };
    },
  };
}

function sessionStore(db: Db, now: () => number): CredentialsPort['sessions'] {
  const select = db.prepare<[string, number], Session>(
    'SELECT user, created_at AS createdAt, expires_at AS expiresAt FROM sessions WHERE hash = ? AND expires_at > ?',
  );
  const upsert = db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at');
  const remove = db.prepare('DELETE FROM sessions WHERE hash = ?');
  const purge = db.prepare('DELETE FROM sessions WHERE expires_at <= ?');
  return {
    get: (hash) => guarded(db, () => select.get(hash, now())),
    add: ({ hash, user, expiresAt }) => void guarded(db, () => upsert.run(hash, user, now(), Math.round(expiresAt))),
    remove: (hash) => void guarded(db, () => remove.run(hash)),
    purge: () => void guarded(db, () => purge.run(now())),
  };
}
