/**
 * npm run lock: makes package-lock.json anew, for all platforms. Afterwards two packages are marked as what they are, so that no
 * npm runs a script for them: better-sqlite3 brings its binaries (npm before 11 compiles whatever has a binding.gyp, and a bare
 * machine has no compiler), and onnxruntime-node would fetch CUDA, hundreds of megabytes that no hub needs to start.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'roomtone-lock-'));
for (const file of ['package.json', 'package-lock.json']) cpSync(file, join(dir, file));
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: dir, stdio: 'inherit' });
const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
lock.packages['node_modules/better-sqlite3'].gypfile = false;
for (const name of ['better-sqlite3', 'onnxruntime-node']) delete lock.packages[`node_modules/${name}`].hasInstallScript;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
rmSync(dir, { recursive: true });
