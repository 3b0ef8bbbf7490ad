import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { FakeClock } from '../api/clock.fake.ts';
import type { Mood } from '../mood/mood.ts';
import { aMood, dataFolder, openFor } from './fixture.ts';

const DAY_MS = 24 * 3_600_000;

function setUp(t: TestContext) {
  const dir = dataFolder(t);
  const clock = new FakeClock();
  const store = openFor(t, { dir, clock });
  const reader = new Database(join(dir, 'roomtone.db'), { readonly: true });
  t.after(() => reader.close());
  const count = (): number => reader.prepare<[], { n: number }>('SELECT count(*) AS n FROM moods').get()?.n ?? -1;
  const record = (change: Partial<Mood> = {}): void => store.moods.record({ ...aMood, at: clock.wall(), ...change });
  return { dir, clock, store, count, record };
}

test('moods are written together, five seconds after the first', (t) => {
  const { clock, count, record } = setUp(t);
  for (const label of ['calm', 'tense', 'low'] as const) {
    record({ label });
    clock.advance(1000);
  }
  assert.equal(count(), 0);
  clock.advance(2000);
  assert.equal(count(), 3);
});

test('an unchanged mood is written once a minute, a changed one at once', (t) => {
  const { clock, count, record } = setUp(t);
  for (let second = 0; second < 60; second++) {
    record({ valence: aMood.valence + (second % 2) * 0.01 });
    clock.advance(1000);
  }
  assert.equal(count(), 1);
  record();
  clock.advance(5000);
  assert.equal(count(), 2);
  record({ stress: aMood.stress + 10 });
  record({ room: 'attic', at: clock.wall() + 1 });
  clock.advance(5000);
  assert.equal(count(), 4);
});

test('no timer runs while nothing waits', (t) => {
  const { clock, record } = setUp(t);
  assert.equal(clock.pending, 0);
  record();
  assert.equal(clock.pending, 1);
  clock.advance(5000);
  assert.equal(clock.pending, 0);
});

test('moods of recorded demo observations are refused', (t) => {
  const { clock, store, count, record } = setUp(t);
  record({ demo: true });
  clock.advance(60_000);
  assert.equal(count(), 0);
  assert.equal(store.moods.latest('den'), undefined);
});

test('the latest mood is known at once, and after a restart', (t) => {
  const { dir, clock, store, record } = setUp(t);
  assert.equal(store.moods.latest('den'), undefined);
  record();
  clock.advance(1);
  record({ occupancy: null, people: null, hiddenStress: true, trigger: 'obs-1' });
  const newest = { ...aMood, at: clock.wall(), occupancy: null, people: null, hiddenStress: true };
  assert.deepEqual(store.moods.latest('den'), { ...newest, trigger: 'obs-1' });
  store.close();
  const again = openFor(t, { dir, clock });
  assert.deepEqual(again.moods.latest('den'), newest, 'closing wrote what waited; the trigger is of no use to another run');
});

test('a disk that refuses keeps moods waiting until it takes them', (t) => {
  const { dir, clock, count, record } = setUp(t);
  const blocker = new Database(join(dir, 'roomtone.db'));
  t.after(() => blocker.close());
  blocker.exec("CREATE TRIGGER full BEFORE INSERT ON moods BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  record();
  clock.advance(5000);
  record({ label: 'low', at: clock.wall() });
  clock.advance(5000);
  assert.equal(count(), 0);
  blocker.exec('DROP TRIGGER full');
  clock.advance(5000);
  assert.equal(count(), 2);
});

test('old moods are forgotten in small batches, new ones stay', (t) => {
  const { clock, store, count, record } = setUp(t);
  const old = clock.wall() - 10 * DAY_MS;
  for (let n = 0; n < 1200; n++) record({ at: old + n, stress: (n % 2) * 100 });
  record({ room: 'attic', at: old });
  record({ at: clock.wall(), label: 'tense' });
  clock.advance(5000);
  assert.equal(count(), 1202);
  store.keepMoods(7);
  clock.advance(60_000);
  assert.equal(count(), 701);
  clock.advance(2000);
  assert.equal(count(), 1);
  store.keepMoods(1);
  clock.advance(60_000 + DAY_MS);
  assert.equal(count(), 0, 'and again the next day');
});

test('the audit keeps its newest ten thousand entries', (t) => {
  const { dir, clock, store } = setUp(t);
  const writer = new Database(join(dir, 'roomtone.db'));
  t.after(() => writer.close());
  const insert = writer.prepare("INSERT INTO audit (at, actor, action, subject, params) VALUES (0, 'system:hub', 'test', ?, '{}')");
  writer.transaction(() => {
    for (let n = 0; n < 10_010; n++) insert.run(String(n));
  })();
  store.keepMoods(90);
  clock.advance(60_000);
  const kept = store.audit.latest(20_000);
  assert.equal(kept.length, 10_000);
  assert.equal(kept.at(-1)?.subject, '10');
});
