import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Attributes } from '../devices/device.ts';
import { FlashGuard, type Glow, glowOf } from './flash.ts';

const RED = { x: 0.69, y: 0.308 };
const WHITE = { x: 0.3127, y: 0.329 };

interface Shown {
  at: number;
  glow: Glow;
}

/** What goes out of a stream of wishes, each tried again every 50 ms until it may, or until the next wish. */
function shown(wishes: readonly { after: number; values: Attributes }[]): Shown[] {
  const guard = new FlashGuard();
  const out: Shown[] = [{ at: 0, glow: glowOf({ on: false }) }];
  let begins = 0;
  for (const [index, { after, values }] of wishes.entries()) {
    begins += after;
    const ends = begins + (wishes[index + 1]?.after ?? 2000);
    const glow = glowOf(values);
    for (let now = begins; now < ends; now += 50) {
      if (!guard.allows('lamp', { glow, now })) continue;
      guard.note('lamp', { from: out.at(-1)?.glow ?? glow, glow, now });
      out.push({ at: now, glow });
      break;
    }
  }
  return out;
}

/** Opposing changes of at least a tenth, the darker side below 0.8, as WCAG counts them; written anew, not as the guard does. */
function changes(points: readonly Shown[], level: (glow: Glow) => number): number[] {
  const times: number[] = [];
  let [low, high, way] = [level(points[0]?.glow as Glow), level(points[0]?.glow as Glow), 0];
  for (const { at, glow } of points) {
    const value = level(glow);
    if (way >= 0 && high - value >= 0.1 && value < 0.8) {
      times.push(at);
      [way, low, high] = [-1, value, value];
    } else if (way <= 0 && value - low >= 0.1 && low < 0.8) {
      times.push(at);
      [way, low, high] = [1, value, value];
    } else [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return times;
}

const most = (times: readonly number[]): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));

describe('the flash limit', () => {
  const values: fc.Arbitrary<Attributes> = fc.record({
    on: fc.boolean(),
    brightness: fc.integer({ min: 1, max: 100 }),
    color: fc.constantFrom(RED, WHITE, { x: 0.17, y: 0.7 }, { x: 0.15, y: 0.05 }),
  });
  const wishes = fc.array(fc.record({ after: fc.integer({ min: 0, max: 600 }), values }), { maxLength: 60 });

  test('holds for any sequence: never more than three flashes, that is six opposing changes, in a second', () => {
    fc.assert(
      fc.property(wishes, (stream) => {
        const points = shown(stream);
        assert.ok(most(changes(points, ({ linear }) => linear)) <= 6);
        assert.ok(most(changes(points, ({ perceived }) => perceived)) <= 6);
      }),
      { numRuns: 300 },
    );
  });

  test('lets nothing come to saturated red and go again within a second', () => {
    fc.assert(
      fc.property(wishes, (stream) => {
        const points = shown(stream);
        const turns = points.slice(1).flatMap(({ at, glow }, index) => {
          const before = points[index]?.glow as Glow;
          const change = glow.red - before.red;
          return Math.abs(change) > 20 && (glow.isRed || before.isRed) ? [{ at, way: Math.sign(change) }] : [];
        });
        for (const [index, turn] of turns.entries()) {
          const next = turns[index + 1];
          if (next && next.way !== turn.way) assert.ok(next.at - turn.at >= 1000);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('stops a strobe, and lets the last wish through', () => {
    const strobe = Array.from({ length: 40 }, (_, i) => ({ after: 50, values: { on: i % 2 === 0 } }));
    const points = shown(strobe);
    assert.equal(most(changes(points, ({ linear }) => linear)), 4);
    assert.equal(points.at(-1)?.glow.linear, 0);
  });

  test('counts a command that is not answered as one that may arrive at any moment', () => {
    const guard = new FlashGuard();
    for (let i = 0; i < 5; i++)
      guard.note('lamp', { from: glowOf({ on: false }), glow: glowOf({ on: i % 2 === 0 }), now: 0, command: `c${i}` });
    const next = (now: number): boolean => guard.allows('lamp', { glow: glowOf({ on: false }), now });
    assert.equal(next(5000), false);
    for (let i = 0; i < 5; i++) guard.ended(`c${i}`, 5000);
    assert.deepEqual([next(5900), next(6000)], [false, true]);
  });

  test('lets slow changes, small ones and those among bright light pass', () => {
    const guard = new FlashGuard();
    for (let i = 0; i < 40; i++) {
      const glow = glowOf({ brightness: i % 2 === 0 ? 40 : 49 });
      assert.ok(guard.allows('lamp', { glow, now: i * 10 }));
      guard.note('lamp', { from: glow, glow, now: i * 10 });
    }
  });
});

test('red is what the definition calls saturated red', () => {
  assert.deepEqual(
    [glowOf({ color: RED }).isRed, glowOf({ color: WHITE }).isRed, glowOf({ color: { x: 0.5, y: 0.41 } }).isRed],
    [true, false, false],
  );
});
