import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A copy of the program in a temporary folder with nothing beside it, as on a machine that has only this repository. */
export function cloneProgram(): string {
  const program = join(mkdtempSync(join(tmpdir(), 'roomtone-clone-')), 'roomtone');
  for (const each of ['daemon', 'adapters', 'config', 'models', 'package.json', 'scripts', 'web-ui/dist'])
    cpSync(join(root, each), join(program, each), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(program, 'node_modules'));
  return program;
}
