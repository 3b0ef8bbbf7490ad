import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Creates a file that only its owner can read, durably and whole. An existing one is left as it is. */
export function createPrivateFile(file: string, content: string): void {
  if (!existsSync(file)) writePrivateFile(file, content);
}

/** Writes a file that only its owner can read, durably and whole: after a power cut it is the one before or this one. */
export function writePrivateFile(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, content, { flag: 'wx', mode: 0o600, flush: true });
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The hub's own id, made once. It lies outside the database, so that it outlives a damaged one: Home Assistant knows every entity by it. */
export function readHubId(dir: string): string {
  const file = join(dir, 'hub-id');
  createPrivateFile(file, `${randomUUID()}\n`);
  return readFileSync(file, 'utf8').trim();
}
