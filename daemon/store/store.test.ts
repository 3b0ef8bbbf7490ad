import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { z } from 'zod';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import { aMood, dataFolder, openFor } from './fixture.ts';
import { migrate, readMigrations } from './migrations.ts';

const codeOf = (code: string) => (error: unknown) => error instanceof RoomtoneError && error.code === code;

/** Another process with the store open, which runs `script` and speaks line by line. */
function startHolder(
  t: TestContext,
  { dir, script }: { dir: string; script: string },
): { child: ChildProcess; lines: AsyncIterator<string> } {
  const program = `
    import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../api/clock.ts', import.meta.url).href)};
    import { silent } from ${JSON.stringify(new URL('./fixture.ts', import.meta.url).href)};
    import { writeSync } from 'node:fs';
    const say = (line) => writeSync(1, line + '\\n');
    const store = openStore({ dir: ${JSON.stringify(dir)}, clock: systemClock, log: silent });
    ${script}`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout);
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

test('a data folder is private, and keeps its hub id', (t) => {
  const dir = join(dataFolder(t), 'data');
  const store = openFor(t, { dir });
  assert.match(store.hubId, /^[0-9a-f-]{36}$/);
  store.close();
  assert.equal(openFor(t, { dir }).hubId, store.hubId);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  for (const name of readdirSync(dir)) {
    assert.equal(statSync(join(dir, name)).mode & 0o077, 0, name);
  }
});

test('the database is durable by its settings', (t) => {
  const dir = dataFolder(t);
  openFor(t, { dir });
  const db = new Database(join(dir, 'roomtone.db'), { readonly: true });
  t.after(() => db.close());
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  assert.equal(db.pragma('user_version', { simple: true }), readMigrations().length);
});

test('state comes back as it was set, whatever JSON it is', (t) => {
  const { state } = openFor(t, { dir: dataFolder(t) });
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (key, value) => {
      state.set(key, value);
      assert.deepEqual(state.get(key, z.unknown()), JSON.parse(JSON.stringify(value)));
      state.delete(key);
      assert.equal(state.get(key, z.unknown()), undefined);
    }),
    { numRuns: 30 },
  );
});

test('state that no longer fits its schema is as if it were not there', (t) => {
  const { state } = openFor(t, { dir: dataFolder(t) });
  state.set('mode/den', 'auto');
  assert.equal(state.get('mode/den', z.literal('auto')), 'auto');
  assert.equal(state.get('mode/den', z.number()), undefined);
});

test('keys are found by their beginning, in order, and wildcards mean themselves', (t) => {
  const { state } = openFor(t, { dir: dataFolder(t) });
  for (const key of ['mode/b', 'mode/a', 'mod', 'mode_x', 'hold/a', 'mode%']) state.set(key, 1);
  assert.deepEqual(state.keys('mode/'), ['mode/a', 'mode/b']);
  assert.deepEqual(state.keys('mode_'), ['mode_x']);
  assert.deepEqual(state.keys('mode%'), ['mode%']);
});

test('setting what is set already writes nothing', (t) => {
  const dir = dataFolder(t);
  const { state } = openFor(t, { dir });
  state.set('a', { x: 1 });
  const size = statSync(join(dir, 'roomtone.db-wal')).size;
  for (let i = 0; i < 20; i++) state.set('a', { x: 1 });
  assert.equal(statSync(join(dir, 'roomtone.db-wal')).size, size);
});

test('the audit tells the newest first, with the time of the wall clock', (t) => {
  const clock = new FakeClock({ wall: 1000 });
  const { audit } = openFor(t, { dir: dataFolder(t), clock });
  for (const subject of ['a', 'b', 'c']) {
    audit.record({ actor: 'panel:admin', action: 'mode', subject, params: { mode: 'off', n: 1, yes: true } });
    clock.advance(10);
  }
  assert.deepEqual(
    audit.latest(2).map(({ at, subject }) => [at, subject]),
    [
      [1020, 'c'],
      [1010, 'b'],
    ],
  );
  assert.deepEqual(audit.latest(1)[0]?.params, { mode: 'off', n: 1, yes: true });
});

test('a closed store can be closed again, and leaves no timer', (t) => {
  const clock = new FakeClock();
  const store = openFor(t, { dir: dataFolder(t), clock });
  store.keepMoods(1);
  store.moods.record(aMood);
  store.close();
  store.close();
  assert.equal(clock.pending, 0);
});

test('two processes cannot share a folder, and the second is told who has it', async (t) => {
  const dir = dataFolder(t);
  const script = `say('open'); setInterval(() => globalThis.gc(), 10);`;
  const { child, lines } = startHolder(t, { dir, script });
  assert.equal((await lines.next()).value, 'open');
  const isRefused = (error: unknown) => codeOf('store.locked')(error) && (error as RoomtoneError).params.pid === String(child.pid);
  assert.throws(() => openFor(t, { dir }), isRefused);
  const tool = openFor(t, { dir, exclusive: false });
  tool.state.set('from', 'a tool');
  tool.close();
  assert.throws(() => openFor(t, { dir }), isRefused, 'neither the refusal nor the tool broke the lock');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(openFor(t, { dir }).state.get('from', z.string()), 'a tool');
});

test('the lock holds within one process too', (t) => {
  const dir = dataFolder(t);
  const first = openFor(t, { dir });
  assert.throws(() => openFor(t, { dir }), codeOf('store.locked'));
  assert.throws(() => openFor(t, { dir }), codeOf('store.locked'));
  first.close();
  openFor(t, { dir });
});

test('after kill -9 everything that was acknowledged is there, and the database opens clean', async (t) => {
  const dir = dataFolder(t);
  const script = `for (let n = 0; ; n++) { store.state.set('n/' + n, n); store.state.set('last', n); say(String(n)); }`;
  const { child, lines } = startHolder(t, { dir, script });
  let acknowledged = -1;
  while (acknowledged < 40) acknowledged = Number((await lines.next()).value);
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (let next = await lines.next(); !next.done; next = await lines.next()) acknowledged = Number(next.value);
  const store = openFor(t, { dir });
  assert.equal(store.problem, null);
  assert.ok((store.state.get('last', z.number()) ?? -1) >= acknowledged);
  for (let n = 0; n <= acknowledged; n++) assert.equal(store.state.get(`n/${n}`, z.number()), n);
});

test('a newer database is refused and left alone', (t) => {
  const dir = dataFolder(t);
  const file = join(dir, 'roomtone.db');
  const db = new Database(file);
  db.pragma('user_version = 99');
  db.close();
  const before = readFileSync(file);
  assert.throws(() => openFor(t, { dir }), codeOf('store.newer_version'));
  assert.deepEqual(readFileSync(file), before);
  assert.throws(() => openFor(t, { dir }), codeOf('store.newer_version'), 'the lock was given back');
});

test('migrations count from 1 without a gap', () => {
  assert.deepEqual(
    readMigrations().map(({ version }) => version),
    readMigrations().map((_, index) => index + 1),
  );
});

test('only what is lacking is applied, and a step that fails leaves the version before it', (t) => {
  const db = new Database(join(dataFolder(t), 'x.db'));
  t.after(() => db.close());
  const first = { version: 1, sql: 'CREATE TABLE a (x)' };
  migrate(db, [first]);
  assert.throws(() => migrate(db, [first, { version: 2, sql: 'CREATE TABLE b (x); CREATE TABLE a (x)' }]));
  assert.equal(db.pragma('user_version', { simple: true }), 1);
  assert.deepEqual(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").all(), []);
  migrate(db, [first, { version: 2, sql: 'CREATE TABLE b (x)' }]);
  assert.equal(db.pragma('user_version', { simple: true }), 2);
});

test('a file that is no database is set aside with a problem, not lost', (t) => {
  const dir = dataFolder(t);
  writeFileSync(join(dir, 'roomtone.db'), 'this is no database at all, '.repeat(100));
  const store = openFor(t, { dir });
  assert.equal(store.problem?.code, 'store.corrupt');
  assert.equal(store.problem?.params.kept, 'nothing');
  const aside = String(store.problem?.params.aside);
  assert.match(readFileSync(aside, 'utf8'), /^this is no database/);
  store.state.set('works', true);
});

test('from a damaged database comes what can still be read', (t) => {
  const dir = dataFolder(t);
  const file = join(dir, 'roomtone.db');
  const clock = new FakeClock();
  const before = openFor(t, { dir, clock });
  before.state.set('sensing', false);
  before.credentials.setPassword('phc');
  before.vault.secrets.set('mqtt', 'hunter2');
  for (let n = 0; n < 2000; n++) before.moods.record({ ...aMood, at: aMood.at + n, stress: (n % 2) * 100 });
  before.close();
  damage(file, 'moods');
  const store = openFor(t, { dir, clock });
  assert.equal(store.problem?.code, 'store.corrupt');
  assert.equal(store.state.get('sensing', z.boolean()), false);
  assert.equal(store.credentials.password(), 'phc');
  assert.equal(store.vault.secrets.get('mqtt'), 'hunter2');
  assert.ok(existsSync(String(store.problem?.params.aside)));
});

/** Overwrites the root page of a table with noise. */
function damage(file: string, table: string): void {
  const db = new Database(file);
  const page = db.prepare<[string], { rootpage: number }>('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.rootpage ?? 0;
  const size = db.pragma('page_size', { simple: true }) as number;
  db.close();
  const bytes = readFileSync(file);
  bytes.fill(0x5a, (page - 1) * size, page * size);
  writeFileSync(file, bytes);
}

test('a data folder that cannot be made is said', (t) => {
  const dir = dataFolder(t);
  writeFileSync(join(dir, 'file'), '');
  assert.throws(() => openFor(t, { dir: join(dir, 'file', 'data') }), codeOf('store.unopenable'));
  mkdirSync(join(dir, 'b', 'roomtone.db'), { recursive: true });
  assert.throws(() => openFor(t, { dir: join(dir, 'b') }), codeOf('store.unopenable'));
});
