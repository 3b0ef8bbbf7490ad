// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a schedule

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { Almanac } from './almanac.ts';
import { Calendar } from './calendar.ts';
import { inForce, type Schedule, scheduleSchema } from './schedule.ts';

const hours = z.string().transform((text) => Number.parseFloat(text) * 3_600_000);
const read = (...schedules: unknown[]): Schedule[] => z.array(scheduleSchema(hours)).parse(schedules);

function sceneAt(schedules: readonly Schedule[], iso: string): string | null {
  const calendar = new Calendar(new Almanac({ timezone: 'Europe/Berlin', place: { latitude: 52.52, longitude: 13.4 } }));
  calendar.moveTo(Date.parse(iso));
  return inForce(schedules, calendar)?.schedule.then.scene ?? null;
}

describe('schedules', () => {
  const day = read(
    { at: '22:30', then: { scene: 'wind-down' } },
    { at: '23:30', until: '06:30', then: { scene: 'night-light' } },
    { at: 'sunset', for: '1h', days: 'weekend', then: { scene: 'calm' } },
  );

  test('are in force until their end, or until the next begins', () => {
    assert.equal(sceneAt(day, '2026-11-23T21:29:59Z'), null);
    assert.equal(sceneAt(day, '2026-11-23T21:30:00Z'), 'wind-down');
    assert.equal(sceneAt(day, '2026-11-23T22:30:00Z'), 'night-light');
    assert.equal(sceneAt(day, '2026-11-24T05:29:59Z'), 'night-light');
    assert.equal(sceneAt(day, '2026-11-24T05:30:00Z'), null);
  });

  test('begin on their days alone', () => {
    // Sunset in Berlin on 2026-11-21, a Saturday, is about 16:04.
    assert.equal(sceneAt(day, '2026-11-21T15:30:00Z'), 'calm');
    assert.equal(sceneAt(day, '2026-11-23T15:30:00Z'), null);
  });

  test('wait while the clock is not set', () => {
    assert.equal(sceneAt(day, '2000-01-01T22:00:00Z'), null);
  });

  test('that have two ends, or words nobody knows, are refused', () => {
    const schema = scheduleSchema(hours);
    const said = schema.safeParse({ at: '22:00', until: '23:00', for: '1h', then: { scene: 'calm' } });
    assert.match(said.error?.issues[0]?.message ?? '', /either until or for/);
    assert.equal(schema.safeParse({ at: 'moonrise', then: { scene: 'calm' } }).success, false);
    assert.equal(schema.safeParse({ at: '22:00', days: 'workdays', then: { scene: 'calm' } }).success, false);
    assert.equal(schema.safeParse({ at: '22:00', then: { scene: 'calm', intensity: 101 } }).success, false);
  });
});
