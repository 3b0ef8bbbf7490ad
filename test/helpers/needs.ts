import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where real weights, faces and voices lie, beside the checkout; a clone without them skips what needs them. */
export const sharedDir = process.env.ROOMTONE_SHARED ?? join(root, '../shared');

/** Path of a file under the shared folder, which need not exist. */
export const shared = (path: string): string => join(sharedDir, path);

/** Whether a program is on the PATH. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Options for a test that needs what not every machine has: programs by name, files of the shared folder by path. The
 * test is skipped with the reason where one is missing; with ROOMTONE_NO_SKIP=1 it runs all the same, and so fails.
 */
export function needs(...what: string[]): { skip?: string } {
  const missing = what.filter((each) => (each.includes('/') ? !existsSync(shared(each)) : !hasProgram(each)));
  if (missing.length === 0 || process.env.ROOMTONE_NO_SKIP === '1') return {};
  return { skip: `needs ${missing.join(', ')}` };
}
