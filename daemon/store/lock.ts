import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { RoomtoneError } from '../api/errors.ts';
import { createPrivateFile } from './files.ts';

/**
 * Takes the data folder for this process and returns what gives it back. The lock is SQLite's own file lock, held by an
 * open transaction: the system drops it when the process dies, however it dies. The pid file only names the holder;
 * reading the locked file by other means than SQLite would drop the lock (POSIX locks end with any close of the file).
 * @throws RoomtoneError `store.locked` where another process has it
 */
export function lockFolder(dir: string): () => void {
  const pidFile = join(dir, 'roomtone.pid');
  const lockFile = join(dir, 'roomtone.lock');
  createPrivateFile(lockFile, '');
  const holder = new Database(lockFile, { timeout: 0 });
  try {
    holder.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    if (!isBusy(error)) throw error;
    throw new RoomtoneError('store.locked', { params: { dir, pid: readPid(pidFile) }, cause: error });
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  const release = (): void => {
    process.off('exit', release);
    if (holder.open) holder.close();
  };
  // Also keeps the connection reachable: one that is garbage-collected is closed, and the lock with it.
  process.on('exit', release);
  return release;
}

const isBusy = (error: unknown): boolean => error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
