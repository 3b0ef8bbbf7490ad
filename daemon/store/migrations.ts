import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { RoomtoneError } from '../api/errors.ts';

/** One step of the database's layout, from version n - 1 to n. */
export interface Migration {
  version: number;
  sql: string;
}

const FOLDER = new URL('./migrations/', import.meta.url);

/** The numbered files of migrations/, which count from 1 without a gap. */
export function readMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ version: Number.parseInt(name, 10), sql: readFileSync(new URL(name, FOLDER), 'utf8') }));
}

/**
 * Looks before anything is written: a newer program's database is left as it is.
 * @throws RoomtoneError `store.newer_version`
 */
export function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const known = migrations.length;
  const found = versionOf(db);
  if (found > known) throw new RoomtoneError('store.newer_version', { params: { file: db.name, found, known } });
}

/** Brings the database up to date, each step with its version in one transaction: a power cut leaves a whole version. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const step = db.transaction(({ version, sql }: Migration) => {
    if (versionOf(db) >= version) return;
    db.exec(sql);
    db.pragma(`user_version = ${version}`);
  });
  for (const migration of migrations.slice(versionOf(db))) step.immediate(migration);
}

const versionOf = (db: Database): number => db.pragma('user_version', { simple: true }) as number;
