import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Makes and gives the folder of an adapter that keeps files of its own. */
export function folderOf(dataDir: string, adapter: string): string {
  const folder = join(dataDir, 'adapters', adapter);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
