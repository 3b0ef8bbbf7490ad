import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { KEPT } from './activity.ts';
import { dataFolder, openFor } from './fixture.ts';

test('what happened to a device is there at once, newest first, and after a restart', (t) => {
  const dir = dataFolder(t);
  const clock = new FakeClock();
  const store = openFor(t, { dir, clock });
  store.activity.record('hue:a', { what: 'commanded', params: { brightness: 30 } });
  clock.advance(1000);
  store.activity.record('hue:b', { what: 'away', params: {} });
  store.activity.record('hue:a', { what: 'hand', params: { on: false } });
  const what = (of: typeof store) => of.activity.of('hue:a', 10).map((each) => each.what);
  assert.deepEqual(what(store), ['hand', 'commanded']);
  clock.advance(30_000);
  assert.deepEqual(what(store), ['hand', 'commanded'], 'written, and told once');
  store.activity.record('hue:a', { what: 'back', params: {} });
  store.close();
  const again = openFor(t, { dir });
  assert.deepEqual(what(again), ['back', 'hand', 'commanded']);
  assert.deepEqual(again.activity.of('hue:a', 1), [{ at: clock.wall(), what: 'back', params: {} }]);
});

test('each device keeps its newest lines alone; a forgotten one keeps none', (t) => {
  const dir = dataFolder(t);
  const clock = new FakeClock();
  const store = openFor(t, { dir, clock });
  store.activity.record('hue:b', { what: 'away', params: {} });
  for (let n = 0; n < KEPT + 50; n += 1) store.activity.record('hue:a', { what: 'commanded', params: { n } });
  clock.advance(30_000);
  const lines = store.activity.of('hue:a', 1000);
  assert.equal(lines.length, KEPT);
  assert.equal(lines[0]?.params.n, KEPT + 49);
  assert.equal(store.activity.of('hue:b', 10).length, 1);
  store.activity.record('hue:a', { what: 'back', params: {} });
  store.activity.forget('hue:a');
  assert.deepEqual(store.activity.of('hue:a', 10), []);
  store.close();
  assert.deepEqual(openFor(t, { dir }).activity.of('hue:a', 10), []);
});

test('many lines are one write, and silence is none', (t) => {
  const clock = new FakeClock();
  const store = openFor(t, { dir: dataFolder(t), clock });
  for (let n = 0; n < 10; n += 1) store.activity.record('hue:a', { what: 'commanded', params: { n } });
  assert.equal(clock.pending, 1);
  clock.advance(30_000);
  assert.equal(clock.pending, 0);
});
