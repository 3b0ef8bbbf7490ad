import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { validate } from 'dockerfile-utils';
import { needs } from './helpers/needs.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the arm64 image is a Dockerfile without a mistake', () => {
  assert.deepEqual(validate(read('Dockerfile.arm64')), []);
});

test('systemd understands every line of the service', needs('systemd-analyze'), () => {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-unit-'));
  try {
    const unit = join(dir, 'roomtone.service');
    // Where it would be installed there is nothing here: the checkout stands in.
    writeFileSync(unit, read('systemd/roomtone.service').replaceAll('/opt/roomtone', root));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    const complaints = stderr.split('\n').filter((line) => line.includes('roomtone'));
    assert.deepEqual([status, complaints], [0, []]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the service stops for good on the exit codes that a restart does not mend', () => {
  assert.match(read('systemd/roomtone.service'), /^RestartPreventExitStatus=64 78$/m);
});
