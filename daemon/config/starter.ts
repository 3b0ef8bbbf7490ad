import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RoomtoneError } from '../api/errors.ts';

const shipped = (name: string): string => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));

/** Name of the file in the data folder that is used where no other is chosen. */
export const CONFIG_NAME = 'roomtone.yaml';

const SCHEMA_HINT = /^# yaml-language-server: \$schema=.*$/m;

/**
 * The configuration file of a data folder; a commented starter is written where there is none.
 * @throws RoomtoneError `config.read_only` where it cannot be written
 */
export function ensureStarter(dataDir: string): { file: string; created: boolean } {
  const file = join(dataDir, CONFIG_NAME);
  if (existsSync(file)) return { file, created: false };
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, starterText(), { flag: 'wx', mode: 0o600, flush: true });
    return { file, created: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { file, created: false };
    throw new RoomtoneError('config.read_only', {
      params: { file, what: error instanceof Error ? error.message : String(error) },
      cause: error,
    });
  }
}

/** The template, with the editor's hint pointing to the schema of this installation. */
function starterText(): string {
  const hint = `# yaml-language-server: $schema=${pathToFileURL(shipped('roomtone.schema.json')).href}`;
  return readFileSync(shipped('starter.yaml'), 'utf8').replace(SCHEMA_HINT, hint);
}
