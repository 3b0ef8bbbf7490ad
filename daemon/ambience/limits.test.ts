import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Almanac } from './almanac.ts';
import { Calendar } from './calendar.ts';
import { clampTo, LIMITS, type Limits, limitsOf, rampOf } from './limits.ts';
import { ChangePace } from './pace.ts';

const HOUR = 3_600_000;
const night = { from: { minutes: 22 * 60 }, to: { minutes: 7 * 60 } };

function calendarAt(iso: string): Calendar {
  const calendar = new Calendar(new Almanac({ timezone: 'UTC' }));
  calendar.moveTo(Date.parse(iso));
  return calendar;
}

describe('caps', () => {
  const limits: Limits = { ...LIMITS, brightness: 80, volume: 50, quietHours: { ...night, brightness: 30, volume: 10 } };
  const clampAt = (iso: string) => clampTo([limits, LIMITS], calendarAt(iso));

  test('hold brightness and volume, and say what they did', () => {
    const clamp = clampAt('2026-11-21T12:00:00Z');
    assert.deepEqual(clamp('brightness', { brightness: 90 }), {
      value: { brightness: 80 },
      limit: { code: 'limit.cap', params: { percent: 80 } },
    });
    assert.deepEqual(clamp('brightness', { brightness: 70 }), { value: { brightness: 70 } });
    assert.deepEqual(clamp('chroma', { colorTemperature: 2000 }), { value: { colorTemperature: 2000 } });
  });

  test('are lower in the quiet hours; not while the clock is not set', () => {
    const quiet = clampAt('2026-11-21T23:00:00Z')('volume', { volume: 40 });
    assert.deepEqual(quiet, { value: { volume: 10 }, limit: { code: 'limit.quiet_hours', params: { percent: 10 } } });
    assert.deepEqual(clampAt('2000-01-01T23:00:00Z')('volume', { volume: 40 }), { value: { volume: 40 } });
  });
});

test('what a room says of limits goes before what the house says, key by key', () => {
  assert.deepEqual(limitsOf({ brightness: 70, volume: 40 }, { volume: undefined, ramp: 3000 }), {
    ...LIMITS,
    ...{ brightness: 70, volume: 40, ramp: 3000 },
  });
});

test('a ramp takes its time in proportion to the way', () => {
  assert.equal(rampOf(4000, { from: { brightness: 20 }, to: { brightness: 70 } }), 2);
  assert.equal(rampOf(4000, { from: {}, to: { brightness: 70 } }), 0);
});

describe('the pace of changes', () => {
  test('never lets more through than the hour allows, nor two closer than they may be', () => {
    const rates = fc.record({ minBetween: fc.integer({ min: 0, max: 60_000 }), changesPerHour: fc.integer({ min: 1, max: 60 }) });
    const gaps = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(rates, gaps, (rate, waits) => {
        const pace = new ChangePace();
        const taken: number[] = [];
        let now = 0;
        for (const gap of waits) {
          now += gap;
          if (pace.wait('sim:1', { now, rate }) > 0) continue;
          pace.take('sim:1', { now, rate });
          taken.push(now);
        }
        for (const [index, at] of taken.entries()) {
          const before = taken[index - 1];
          if (before !== undefined) assert.ok(at - before >= rate.minBetween);
          // A bucket that was full may be spent at once, and refills meanwhile.
          assert.ok(taken.filter((each) => each >= at && each < at + HOUR).length <= 2 * rate.changesPerHour);
        }
      }),
    );
  });

  test('says how long to wait', () => {
    const pace = new ChangePace();
    const rate = { minBetween: 1000, changesPerHour: 2 };
    assert.equal(pace.wait('sim:1', { now: 0, rate }), 0);
    pace.take('sim:1', { now: 0, rate });
    assert.equal(pace.wait('sim:1', { now: 400, rate }), 600);
    pace.take('sim:1', { now: 1000, rate });
    assert.ok(Math.abs(pace.wait('sim:1', { now: 1000, rate }) - (HOUR / 2 - 1000)) < 1);
  });
});
