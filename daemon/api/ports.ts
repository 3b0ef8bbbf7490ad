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
