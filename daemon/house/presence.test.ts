import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observationSchema } from '../mood/observation.ts';
import { presenceOf } from './presence.ts';

test('a motion sensor tells its room that somebody is there; other readings say nothing of that', () => {
  const reading = { device: 'hue:001788fffe123456.8d3f2a61-5b0c-4f0e-9a55-2f6f8c1d0e77', at: 12_345.6, kind: 'event' } as const;
  const observation = presenceOf({ ...reading, reading: 'occupancy', value: true }, 'den');
  assert.deepEqual(observationSchema.parse(observation), observation);
  assert.equal(observation?.occupied, true);
  assert.equal(observation.source, '456-8d3f2a61-5b0c-4f0e-9a55-2f6f8c1d0e77');
  assert.equal(presenceOf({ ...reading, reading: 'occupancy', value: false }, 'den')?.occupied, false);
  assert.equal(presenceOf({ ...reading, reading: 'illuminance', value: 12 }, 'den'), undefined);
});
