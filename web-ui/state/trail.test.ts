import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START, sampleHouse, sampleMood, sampleRoom } from './house.sample.ts';
import { extendTrail, reduceTrails, TRAIL, type Trail } from './trail.ts';

test('moods that follow closely make one point', () => {
  const one = extendTrail([], sampleMood());
  assert.equal(extendTrail(one, sampleMood({ at: START + TRAIL.spacing - 1 })), one);
  assert.equal(extendTrail(one, sampleMood({ at: START + TRAIL.spacing })).length, 2);
});

test('an evening of moods keeps the last minutes alone', () => {
  let trail: Trail = [];
  for (let at = START; at < START + 3 * 3_600_000; at += 500) trail = extendTrail(trail, sampleMood({ at }));
  const newest = trail.at(-1);
  assert.ok(newest && trail.every((point) => newest.at - point.at <= TRAIL.length));
  assert.ok(trail.length <= TRAIL.length / TRAIL.spacing + 1);
});

test('a house without a room ends its trail; other events touch only their own', () => {
  const first = reduceTrails(new Map(), {
    type: 'house',
    data: sampleHouse({ rooms: [sampleRoom(), sampleRoom({ id: 'study', mood: sampleMood({ room: 'study' }) })] }),
  });
  assert.deepEqual([...first.keys()], ['living-room', 'study']);
  const second = reduceTrails(first, { type: 'mood', data: sampleMood({ at: START + TRAIL.spacing }) });
  assert.equal(second.get('study'), first.get('study'));
  assert.equal(second.get('living-room')?.length, 2);
  assert.deepEqual([...reduceTrails(second, { type: 'house', data: sampleHouse() }).keys()], ['living-room']);
});
