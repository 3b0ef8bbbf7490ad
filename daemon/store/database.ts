import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { RoomtoneError } from '../api/errors.ts';
import type { Problem } from '../api/views.ts';
import { createPrivateFile } from './files.ts';
import { type Migration, migrate, readMigrations, refuseNewer } from './migrations.ts';
import { salvage } from './salvage.ts';

export type Db = Database.Database;

export interface OpenOptions {
  file: string;
  /** Epoch ms: dates the name of a database that is set aside. */
  now: number;
  /** Whether this process has the folder to itself and may set a damaged database aside. */
  exclusive: boolean;
  migrations?: readonly Migration[];
}

/**
 * Opens the database, brings it up to date and checks it. A damaged one is renamed, never deleted; what can still be
 * read of the small tables moves into a new one, and the problem says so.
 * @throws RoomtoneError `store.unopenable`, `store.newer_version`
 */
export function openDatabase(options: OpenOptions): { db: Db; problem: Problem | null } {
  const { file, now, exclusive, migrations = readMigrations() } = options;
  try {
    createPrivateFile(file, '');
    return { db: openChecked(file, { migrations, check: exclusive }), problem: null };
  } catch (error) {
    if (error instanceof RoomtoneError) throw error;
    if (!exclusive || !isDamage(error)) throw unopenable(file, error);
  }
  const aside = setAside(file, now);
  createPrivateFile(file, '');
  const db = openChecked(file, { migrations, check: false });
  const kept = salvage({ from: aside, into: db });
  const params = { file, aside, kept: kept.length > 0 ? kept.join(', ') : 'nothing' };
  return { db, problem: { code: 'store.corrupt', params, scope: 'store', since: now } };
}

/** Runs a statement; a failing disk becomes an error with a code. */
export function guarded<T>(db: Db, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw new RoomtoneError('store.failed', { params: { file: db.name, what: error.message }, cause: error });
  }
}

class DamagedError extends Error {}

function openChecked(file: string, { migrations, check }: { migrations: readonly Migration[]; check: boolean }): Db {
  const db = new Database(file, { timeout: 2000 });
  try {
    refuseNewer(db, migrations);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations);
    const verdict = check ? db.pragma('quick_check(1)', { simple: true }) : 'ok';
    if (verdict !== 'ok') throw new DamagedError(String(verdict));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** The log and index go along: without them the last transactions would be gone. */
function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  const aside = `${file}.corrupt-${stamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

function unopenable(file: string, error: unknown): RoomtoneError {
  const what = error instanceof Error ? error.message : String(error);
  return new RoomtoneError('store.unopenable', { params: { file, what }, cause: error });
}
