import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RoomtoneError } from '../api/errors.ts';
import { locate, parseYaml, showPath } from './document.ts';
import { type Change, EditRefused, editYaml, migrateText } from './edit.ts';
import { type ConfigProblem, hashOf, type LoadOptions, type LoadResult, parseConfig } from './load.ts';
import { MIGRATIONS } from './migrations.ts';

export interface ChangeOptions<Scene = unknown, Policy = unknown> extends LoadOptions<Scene, Policy> {
  /** Hash of the file as it was last read. */
  hash: string;
  /** Made in order, all or none. */
  changes: readonly Change[];
}

/**
 * Changes the file by key path, with comments kept, and returns what it now says. The result is validated whole before
 * anything is written; one that is refused leaves the file as it was. The version before stays beside it as `FILE.bak`.
 * @throws RoomtoneError `config.changed_on_disk` where the file is not the one that `hash` names,
 * `config.read_only` where it or its folder cannot be written, `config.not_found`, `config.unreadable`
 */
export function changeConfig<Scene, Policy>(options: ChangeOptions<Scene, Policy>): LoadResult<Scene, Policy> {
  const { file, hash, changes } = options;
  const target = resolveLinks(file);
  const before = readUnchanged(target, { file, hash });
  let text: string;
  try {
    text = editYaml(migrateText(before.toString('utf8'), options.migrations ?? MIGRATIONS), changes);
  } catch (error) {
    if (error instanceof EditRefused) return { ok: false, file, hash, problems: [refusal(error, { file, before })] };
    throw error;
  }
  const after = Buffer.from(text);
  const loaded = parseConfig(after, options);
  if (!loaded.ok || loaded.hash === hash) return loaded;
  asWritable(file, () => {
    const { mode } = statSync(target);
    replaceFile(`${target}.bak`, { content: before, mode });
    replaceFile(target, { content: after, mode, beforeRename: () => void readUnchanged(target, { file, hash }) });
  });
  return loaded;
}

function resolveLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    throw new RoomtoneError('config.not_found', { params: { file }, cause: error });
  }
}

function readUnchanged(target: string, { file, hash }: { file: string; hash: string }): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(target);
  } catch (error) {
    throw new RoomtoneError('config.unreadable', { params: { file, what: reason(error) }, cause: error });
  }
  if (hashOf(content) !== hash) throw new RoomtoneError('config.changed_on_disk', { params: { file } });
  return content;
}

/** Whole or not at all, also when the power fails: a new file is written and synced, then takes the name, then the folder is synced. */
function replaceFile(target: string, { content, mode, beforeRename }: { content: Buffer; mode: number; beforeRename?: () => void }): void {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    const handle = openSync(temporary, 'wx', mode);
    try {
      fchmodSync(handle, mode & 0o777);
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    beforeRename?.();
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(target));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** EBUSY: the file is a mount of its own, as containers do it, and cannot be replaced. */
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ETXTBSY']);

function asWritable(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!NOT_WRITABLE.has(code)) throw error;
    const hint =
      code === 'EBUSY'
        ? 'Mount the folder of the file rather than the file itself.'
        : 'Give the user that runs Roomtone write access to the file and its folder.';
    throw new RoomtoneError('config.read_only', { params: { file, what: reason(error) }, hint, cause: error });
  }
}

function refusal(error: EditRefused, { file, before }: { file: string; before: Buffer }): ConfigProblem {
  const position = locate(parseYaml(before.toString('utf8')), error.path);
  const path = showPath(error.path);
  const params = { file, line: position.line, path, what: error.message };
  return { code: 'config.invalid', path, ...position, message: error.message, params };
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
