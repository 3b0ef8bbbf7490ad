import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Almanac, CLOCK_IS_SET_AFTER } from './almanac.ts';
import { type DayMoment, parseMoment } from './daytime.ts';

const BERLIN = { latitude: 52.52, longitude: 13.4 };
const berlin = new Almanac({ timezone: 'Europe/Berlin', place: BERLIN });
const HOUR = 3_600_000;
const moment = (text: string): DayMoment => parseMoment(text) ?? assert.fail(text);
const at = (iso: string): number => Date.parse(iso);
const iso = (epoch: number | undefined): string => new Date(epoch ?? Number.NaN).toISOString();

describe('a time of the wall clock', () => {
  test('keeps to the clock on the wall when summer time ends or begins', () => {
    assert.equal(iso(berlin.nextOf(moment('07:00'), at('2027-03-27T12:00:00Z'))), '2027-03-28T05:00:00.000Z');
    assert.equal(iso(berlin.nextOf(moment('07:00'), at('2027-10-30T12:00:00Z'))), '2027-10-31T06:00:00.000Z');
  });

  test('that the change to summer time skips comes an hour later; one that comes twice counts once', () => {
    assert.equal(iso(berlin.nextOf(moment('02:30'), at('2027-03-28T00:00:00Z'))), '2027-03-28T01:30:00.000Z');
    const first = berlin.nextOf(moment('02:30'), at('2027-10-31T00:00:00Z'));
    assert.equal(iso(first), '2027-10-31T00:30:00.000Z');
    assert.equal(iso(berlin.nextOf(moment('02:30'), first)), '2027-11-01T01:30:00.000Z');
  });

  test('is looked for on the days that are meant', () => {
    // 2026-11-21 is a Saturday.
    assert.equal(iso(berlin.lastOf(moment('08:00'), at('2026-11-21T12:00:00Z'), ['mon'])), '2026-11-16T07:00:00.000Z');
    assert.equal(berlin.day(at('2026-11-21T23:30:00Z')), 'sun');
  });

  test('has a last and a next occurrence at any moment, in order and at most a day and an hour apart', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia');
    const moments = fc.integer({ min: 0, max: 1439 }).map((minutes) => ({ minutes }));
    fc.assert(
      fc.property(
        zones,
        moments,
        fc.integer({ min: CLOCK_IS_SET_AFTER, max: CLOCK_IS_SET_AFTER + 3 * 365 * 24 * HOUR }),
        (timezone, daily, now) => {
          const almanac = new Almanac({ timezone });
          const [last = Number.NaN, next] = [almanac.lastOf(daily, now), almanac.nextOf(daily, now)];
          assert.ok(last <= now && now < next && next - last <= 25.5 * HOUR);
          assert.equal(almanac.nextOf(daily, last), next);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the sun', () => {
  test('rises and sets as the observatory says, to two minutes', () => {
    // https://gml.noaa.gov/grad/solcalc/ for Berlin, 2027-06-21: 04:43 and 21:33 CEST.
    const day = at('2027-06-20T22:00:00Z');
    assert.ok(Math.abs(berlin.nextOf(moment('sunrise'), day) - at('2027-06-21T02:43:00Z')) <= 120_000);
    assert.ok(Math.abs(berlin.nextOf(moment('sunset'), day) - at('2027-06-21T19:33:00Z')) <= 120_000);
    assert.equal(berlin.nextOf(moment('sunset-30m'), day), berlin.nextOf(moment('sunset'), day) - HOUR / 2);
  });

  test('makes the night last all day where it does not rise, and none where it does not set', () => {
    const tromso = new Almanac({ timezone: 'Europe/Oslo', place: { latitude: 69.65, longitude: 18.96 } });
    const night = { from: moment('sunset'), to: moment('sunrise') };
    const darkHours = (day: string): number =>
      Array.from({ length: 24 }, (_, hour) => at(day) + hour * HOUR).filter((wall) => tromso.isWithin(night, wall)).length;
    assert.equal(darkHours('2026-12-21T00:00:00Z'), 24);
    assert.equal(darkHours('2027-06-21T00:00:00Z'), 0);
  });

  test('is nowhere where nobody said where the house is', () => {
    const lost = new Almanac({ timezone: 'Europe/Berlin' });
    assert.equal(lost.isWithin({ from: moment('sunset'), to: moment('sunrise') }, at('2026-11-21T22:00:00Z')), false);
  });
});

describe('a part of the day', () => {
  const night = { from: moment('22:30'), to: moment('07:00') };

  test('goes on across midnight, and no longer than it is to', () => {
    const inside = ['2026-11-21T21:29:00Z', '2026-11-21T21:30:00Z', '2026-11-22T03:00:00Z', '2026-11-22T06:00:00Z'];
    assert.deepEqual(
      inside.map((wall) => berlin.isWithin(night, at(wall))),
      [false, true, true, false],
    );
  });

  test('is the same after any jump of the clock', () => {
    const fresh = (): Almanac => new Almanac({ timezone: 'Europe/Berlin', place: BERLIN });
    const jumps = fc.array(fc.integer({ min: CLOCK_IS_SET_AFTER, max: CLOCK_IS_SET_AFTER + 2 * 365 * 24 * HOUR }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(jumps, (walls) => {
        const almanac = fresh();
        for (const wall of walls) assert.equal(almanac.isWithin(night, wall), fresh().isWithin(night, wall));
      }),
      { numRuns: 50 },
    );
  });
});

test('what is no moment of a day is refused', () => {
  for (const text of ['24:00', '7:00', 'noonish', 'sunset+', 'sunset-30', 'sunset - 30m', '']) assert.equal(parseMoment(text), undefined);
  assert.deepEqual(parseMoment('sunrise+1h'), { sun: 'sunrise', offset: 60 });
});
