import type { z } from 'zod';
import type { Mood } from '../mood/mood.ts';
import type { AuditEntry } from './views.ts';

/** Small facts that outlive the process: modes, switches, holds, claims, the published discovery set. `set` is on disk when it returns. */
export interface StatePort {
  /** Undefined where there is none, or where what is stored no longer fits `schema`. */
  get<T>(key: string, schema: z.ZodType<T>): T | undefined;
  /** `value` must survive JSON. */
  set(key: string, value: unknown): void;
  delete(key: string): void;
  /** Keys that begin with `prefix`, sorted. */
  keys(prefix: string): string[];
}

export interface AuditPort {
  record(entry: Omit<AuditEntry, 'at'>): void;
  /** Newest first. */
  latest(limit: number): AuditEntry[];
}

/** The history of moods: kept in memory for a few seconds, then written together, to spare the card. */
export interface MoodStorePort {
  /** Moods of recorded demo observations are refused: they are no history of this house. */
  record(mood: Mood): void;
  latest(room: string): Mood | undefined;
}

export interface ApiToken {
  id: string;
  name: string;
  /** The phone source that its holder may send to, and do nothing else; null: whatever the admin may. */
  source: string | null;
  /** Epoch ms */
  createdAt: number;
  /** Epoch ms, to ten minutes; null: never. */
  lastUsedAt: number | null;
}

/** A login of a browser. */
export interface Session {
  /** Whose: `admin` until there are more. */
  user: string;
  /** Epoch ms */
  createdAt: number;
  /** Epoch ms */
  expiresAt: number;
}

/**
 * What logins are checked against. Tokens and session ids come as hashes and are kept as such: who reads the database
 * cannot log in with what it holds.
 */
export interface CredentialsPort {
  /** The admin's password as its caller hashed it (with salt and parameters); undefined until one was chosen. */
  password(): string | undefined;
  /** Also ends every session: who changes a password wants others out. */
  setPassword(record: string): void;
  tokens: {
    /** Oldest first. */
    list(): ApiToken[];
    add(token: { name: string; hash: string; source?: string | null }): ApiToken;
    /** False where there is no such token. */
    remove(id: string): boolean;
    /** Notes the use. */
    find(hash: string): ApiToken | undefined;
  };
  sessions: {
    /** Undefined also for one that has expired. */
    get(hash: string): Session | undefined;
    /** Prolongs the one with that hash, if there is one. */
    add(session: { hash: string; user: string; expiresAt: number }): void;
    remove(hash: string): void;
    /** Forgets what has expired. */
    purge(): void;
  };
}
