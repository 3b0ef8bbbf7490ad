import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { debounce } from './debounce.ts';

test('only the value on which the hand rests goes out, once', () => {
  const clock = new FakeClock();
  const sent: number[] = [];
  const outgoing = debounce<number>({ clock, wait: 200, send: (value) => sent.push(value) });
  for (const value of [1, 2, 3]) {
    outgoing.push(value);
    clock.advance(199);
  }
  assert.deepEqual(sent, []);
  clock.advance(1);
  assert.deepEqual(sent, [3]);
  assert.equal(clock.pending, 0);
});

test('letting go sends at once, and nothing twice', () => {
  const clock = new FakeClock();
  const sent: number[] = [];
  const outgoing = debounce<number>({ clock, wait: 200, send: (value) => sent.push(value) });
  outgoing.push(7);
  outgoing.flush();
  outgoing.flush();
  clock.advance(1000);
  assert.deepEqual(sent, [7]);
});
