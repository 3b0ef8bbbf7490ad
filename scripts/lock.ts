/**
 * npm run lock: makes package-lock.json anew, for all platforms. Afterwards better-sqlite3 is marked as what it is, a package
 * that brings its binaries: npm before 11 compiles whatever has a binding.gyp, and a bare machine has no compiler.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'roomtone-lock-'));
for (const file of ['package.json', '.npmrc', 'package-lock.json']) cpSync(file, join(dir, file));
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: dir, stdio: 'inherit' });
const lock = JSON.parse(readFileSync(join(dir, 'package-lock.json'), 'utf8'));
const sqlite = lock.packages['node_modules/better-sqlite3'];
sqlite.gypfile = false;
delete sqlite.hasInstallScript;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
rmSync(dir, { recursive: true });
