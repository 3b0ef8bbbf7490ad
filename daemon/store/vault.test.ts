import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { RoomtoneError } from '../api/errors.ts';
import { dataFolder, openFor } from './fixture.ts';

const codeOf = (code: string) => (error: unknown) => error instanceof RoomtoneError && error.code === code;

function rawAccess(t: TestContext, dir: string) {
  const db = new Database(join(dir, 'roomtone.db'));
  t.after(() => db.close());
  return {
    sealed: (name: string) =>
      db.prepare<[string], { sealed: Buffer }>('SELECT sealed FROM vault WHERE name = ?').get(name)?.sealed ?? Buffer.alloc(0),
    put: (name: string, sealed: Buffer) => db.prepare('UPDATE vault SET sealed = ? WHERE name = ?').run(sealed, name),
  };
}

test('secrets come back, also after a restart, and stay with their owner', (t) => {
  const dir = dataFolder(t);
  const store = openFor(t, { dir });
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ unit: 'grapheme' }), (scope, name, secret) => {
      store.vault.scoped(scope).set(name, secret);
      assert.equal(store.vault.scoped(scope).get(name), secret);
      assert.equal(store.vault.scoped(`${scope}/`).get(name), undefined);
    }),
    { numRuns: 20 },
  );
  store.vault.scoped('adapter:hue').set('key', 'hunter2');
  store.close();
  const { vault } = openFor(t, { dir });
  assert.equal(vault.scoped('adapter:hue').get('key'), 'hunter2');
  assert.equal(vault.scoped('adapter:zigbee').get('key'), undefined);
  vault.scoped('adapter:hue').delete('key');
  assert.equal(vault.scoped('adapter:hue').get('key'), undefined);
});

test('what lies on disk is sealed, under a key that only the owner can read', (t) => {
  const dir = dataFolder(t);
  const store = openFor(t, { dir });
  assert.ok(!existsSync(join(dir, 'vault.key')), 'made at first use only');
  store.vault.secrets.set('mqtt', 'correct horse battery staple');
  store.close();
  assert.ok(!readFileSync(join(dir, 'roomtone.db')).includes('correct horse'));
  assert.equal(statSync(join(dir, 'vault.key')).mode & 0o777, 0o600);
});

test('a key file that others could read is closed to them', (t) => {
  const dir = dataFolder(t);
  const first = openFor(t, { dir });
  first.vault.secrets.set('a', 'x');
  first.close();
  chmodSync(join(dir, 'vault.key'), 0o644);
  assert.equal(openFor(t, { dir }).vault.secrets.get('a'), 'x');
  assert.equal(statSync(join(dir, 'vault.key')).mode & 0o777, 0o600);
});

test('any changed byte, any cut and any exchange of entries is noticed', (t) => {
  const dir = dataFolder(t);
  const { vault } = openFor(t, { dir });
  vault.secrets.set('a', 'one');
  vault.secrets.set('b', 'two');
  const raw = rawAccess(t, dir);
  const sealed = raw.sealed('secret/a');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    raw.put('secret/a', changed);
    assert.throws(() => vault.secrets.get('a'), codeOf('vault.tampered'), `byte ${at}`);
    raw.put('secret/a', sealed.subarray(0, at));
    assert.throws(() => vault.secrets.get('a'), codeOf('vault.tampered'), `cut at ${at}`);
  }
  raw.put('secret/a', raw.sealed('secret/b'));
  assert.throws(() => vault.secrets.get('a'), codeOf('vault.tampered'));
  raw.put('secret/a', sealed);
  assert.equal(vault.secrets.get('a'), 'one');
});

test('a wrong, a broken and a missing key are told apart, and no new key is made over an old vault', (t) => {
  const dir = dataFolder(t);
  const file = join(dir, 'vault.key');
  const first = openFor(t, { dir });
  first.vault.secrets.set('a', 'x');
  first.close();
  const key = readFileSync(file, 'utf8');
  const attempt = () => {
    const store = openFor(t, { dir });
    try {
      return store.vault.secrets.get('a');
    } finally {
      store.close();
    }
  };
  writeFileSync(file, 'ab'.repeat(32));
  assert.throws(attempt, codeOf('vault.wrong_key'));
  writeFileSync(file, 'short');
  assert.throws(attempt, codeOf('vault.bad_key'));
  rmSync(file);
  assert.throws(attempt, codeOf('vault.key_missing'));
  assert.ok(!existsSync(file));
  writeFileSync(file, key);
  assert.equal(attempt(), 'x');
});

test('a credential of the service manager goes before the key file, as text or as bytes', (t) => {
  for (const content of ['0f'.repeat(32), Buffer.alloc(32, 0x0f)]) {
    const dir = dataFolder(t);
    const credentialsDir = dataFolder(t);
    writeFileSync(join(credentialsDir, 'roomtone-vault-key'), content);
    const store = openFor(t, { dir, credentialsDir });
    store.vault.secrets.set('a', 'x');
    assert.equal(store.vault.secrets.get('a'), 'x');
    assert.ok(!existsSync(join(dir, 'vault.key')));
  }
});

test('rotation seals everything anew under a new key, and a hub that runs goes on', (t) => {
  const dir = dataFolder(t);
  const running = openFor(t, { dir });
  running.vault.secrets.set('a', 'one');
  running.vault.scoped('hue').set('key', 'two');
  const before = readFileSync(join(dir, 'vault.key'), 'utf8');
  const raw = rawAccess(t, dir);
  const sealed = raw.sealed('secret/a');

  const tool = openFor(t, { dir, exclusive: false });
  assert.equal(tool.vault.rotate(), 2);
  assert.notEqual(readFileSync(join(dir, 'vault.key'), 'utf8'), before);
  assert.notDeepEqual(raw.sealed('secret/a'), sealed);
  assert.ok(!existsSync(join(dir, 'vault.key.next')));
  assert.equal(statSync(join(dir, 'vault.key')).mode & 0o777, 0o600);
  assert.equal(running.vault.secrets.get('a'), 'one');
  running.vault.secrets.set('b', 'three');
  assert.equal(tool.vault.secrets.get('b'), 'three', 'what it keeps from now on is under the new key');
  raw.put('secret/a', sealed);
  assert.throws(() => running.vault.secrets.get('a'), codeOf('vault.tampered'), 'an entry of the old key is of no use');
});

test('rotation with an entry that cannot be opened changes nothing', (t) => {
  const dir = dataFolder(t);
  const { vault } = openFor(t, { dir });
  vault.secrets.set('a', 'one');
  vault.secrets.set('b', 'two');
  const raw = rawAccess(t, dir);
  const damaged = raw.sealed('secret/b').subarray(0, 20);
  raw.put('secret/b', damaged);
  assert.throws(() => vault.rotate(), codeOf('vault.tampered'));
  assert.equal(vault.secrets.get('a'), 'one');
  assert.equal(openFor(t, { dir, exclusive: false }).vault.secrets.get('a'), 'one');
});

test('a rotation that a power cut interrupted is finished or undone', (t) => {
  const dir = dataFolder(t);
  const [file, next] = [join(dir, 'vault.key'), join(dir, 'vault.key.next')];
  const first = openFor(t, { dir });
  first.vault.secrets.set('a', 'one');
  const old = readFileSync(file, 'utf8');
  // Cut before the entries were sealed anew.
  writeFileSync(next, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
  assert.equal(openFor(t, { dir, exclusive: false }).vault.secrets.get('a'), 'one');
  assert.ok(!existsSync(next));
  // Cut between the entries and the file.
  first.vault.rotate();
  writeFileSync(next, readFileSync(file, 'utf8'), { mode: 0o600 });
  writeFileSync(file, old);
  assert.equal(openFor(t, { dir, exclusive: false }).vault.secrets.get('a'), 'one');
  assert.ok(!existsSync(next));
});

test('a key that the service manager holds is exchanged between two files', (t) => {
  const dir = dataFolder(t);
  const credentialsDir = dataFolder(t);
  const [from, to] = [join(credentialsDir, 'roomtone-vault-key'), join(credentialsDir, 'new')];
  writeFileSync(from, '0f'.repeat(32));
  writeFileSync(to, '1e'.repeat(32));
  const { vault } = openFor(t, { dir, credentialsDir });
  vault.secrets.set('a', 'one');
  assert.throws(() => vault.rotate(), codeOf('vault.not_ours'));
  assert.throws(() => vault.rotate({ from: to, to: from }), codeOf('vault.wrong_key'));
  assert.throws(() => vault.rotate({ from, to: join(dir, 'nothing') }), codeOf('vault.key_missing'));
  vault.rotate({ from, to });
  assert.throws(() => vault.secrets.get('a'), codeOf('vault.wrong_key'), 'until the credential is exchanged, too');
  writeFileSync(from, '1e'.repeat(32));
  assert.equal(vault.secrets.get('a'), 'one');
});
