/** Runs at install time (`prepare`). Without Vite (npm ci --omit=dev) the panel that was built before stays in use. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (existsSync(at('node_modules/vite'))) {
  const { build } = await import('vite');
  await build({ root: at('web-ui'), logLevel: 'warn' });
} else {
  console.warn('roomtone: Vite is not installed, so the control panel was not built (it is one of the development dependencies).');
}
