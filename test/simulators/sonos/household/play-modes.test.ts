import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../hue/random.ts';
import { type PlayMode, PlayOrder } from './play-modes.ts';

/** What is played by itself from `current` on, at most 20 tracks. */
function played(mode: PlayMode, { length, current, seed = 1 }: { length: number; current: number; seed?: number }): number[] {
  const order = new PlayOrder(seededRandom(seed));
  order.arrange(mode, { length, current });
  const list = [current];
  while (list.length < 20) {
    const next = order.following(list.at(-1) ?? 0);
    if (next === undefined) break;
    list.push(next);
  }
  return list;
}

test('a queue ends, begins again, or stays with one track, as its mode has it', () => {
  assert.deepEqual(played('NORMAL', { length: 4, current: 1 }), [1, 2, 3]);
  assert.deepEqual(played('REPEAT_ALL', { length: 3, current: 1 }).slice(0, 5), [1, 2, 0, 1, 2]);
  assert.deepEqual(new Set(played('REPEAT_ONE', { length: 3, current: 1 })), new Set([1]));
  assert.deepEqual(new Set(played('SHUFFLE_REPEAT_ONE', { length: 3, current: 2 })), new Set([2]));
  assert.equal(played('SHUFFLE', { length: 3, current: 2 }).length, 20);
});

test('shuffled, every track comes once, beginning with the current one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.nat(), fc.nat(), (length, at, seed) => {
      const current = at % length;
      const list = played('SHUFFLE_NOREPEAT', { length, current, seed });
      assert.equal(list[0], current);
      assert.deepEqual(
        list.toSorted((a, b) => a - b),
        Array.from({ length }, (_, index) => index),
      );
    }),
  );
});

test('a person skips forth and back the same way, past repetition of one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<PlayMode>('REPEAT_ALL', 'REPEAT_ONE', 'SHUFFLE', 'SHUFFLE_REPEAT_ONE'),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (mode, length, at) => {
        const current = at % length;
        const order = new PlayOrder(seededRandom(1));
        order.arrange(mode, { length, current });
        const next = order.skip(current, 1);
        assert.ok(next !== undefined);
        assert.equal(order.skip(next, -1), current);
      },
    ),
  );
});
