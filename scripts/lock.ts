/**
 * npm run lock: makes package-lock.json anew, for all platforms. Afterwards some packages are marked as what they are, so that no
 * npm runs a script for them: better-sqlite3 and the serial port's bindings bring their binaries (npm before 11 compiles whatever
 * has a binding.gyp, and a bare machine has no compiler), and onnxruntime-node would fetch CUDA, hundreds of megabytes that no hub
 * needs to start.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'roomtone-lock-'));
for (const file of ['package.json', 'package-lock.json']) cpSync(file, join(dir, file));
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: dir, stdio: 'inherit' });
const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
const bringTheirBinaries = ['better-sqlite3', '@serialport/bindings-cpp'];
for (const name of bringTheirBinaries) lock.packages[`node_modules/${name}`].gypfile = false;
for (const name of [...bringTheirBinaries, 'onnxruntime-node']) delete lock.packages[`node_modules/${name}`].hasInstallScript;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
rmSync(dir, { recursive: true });
