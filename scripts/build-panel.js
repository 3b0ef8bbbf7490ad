// Runs at install time (`prepare`), under whichever Node the machine has: so plain JavaScript, and it hands over to
// the Node that the install brought. Without Vite (npm ci --omit=dev) the panel that was built before stays in use.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vite = join(root, 'node_modules/vite/bin/vite.js');
const node = join(root, 'node_modules/.bin/node');

if (existsSync(vite)) {
  const built = spawnSync(existsSync(node) ? node : process.execPath, [vite, 'build', join(root, 'web-ui')], { stdio: 'inherit' });
  process.exitCode = built.status ?? 1;
} else {
  console.warn('roomtone: Vite is not installed, so the control panel was not built (it is part of the development dependencies).');
}
