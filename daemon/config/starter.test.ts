import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RoomtoneError } from '../api/errors.ts';
import { ensureStarter } from './starter.ts';

const dir = mkdtempSync(join(tmpdir(), 'roomtone-starter-'));
after(() => rmSync(dir, { recursive: true, force: true }));

test('a new data folder gets a private starter that names the schema of this installation', () => {
  const { file, created } = ensureStarter(join(dir, 'new', 'data'));
  assert.equal(created, true);
  assert.equal(file, join(dir, 'new', 'data', 'roomtone.yaml'));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  assert.ok(existsSync(fileURLToPath(schema)), schema);
});

test('a file that is there is used as it is', () => {
  const file = join(dir, 'roomtone.yaml');
  writeFileSync(file, '# mine\n');
  assert.deepEqual(ensureStarter(dir), { file, created: false });
  assert.equal(readFileSync(file, 'utf8'), '# mine\n');
});

test('a folder that cannot be written is said', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  assert.throws(
    () => ensureStarter(join(file, 'data')),
    (error) => error instanceof RoomtoneError && error.code === 'config.read_only',
  );
});
