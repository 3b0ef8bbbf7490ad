import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleDevice, sampleHouse, sampleMood, sampleRoom } from './house.sample.ts';
import { reduce } from './reduce.ts';

test('before the first full picture nothing else counts', () => {
  assert.equal(reduce(null, { type: 'mood', data: sampleMood() }), null);
  const house = sampleHouse();
  assert.equal(reduce(null, { type: 'house', data: house }), house);
});

test('a mood goes to its room and leaves the others as they were', () => {
  const study = sampleRoom({ id: 'study', mood: null });
  const before = sampleHouse({ rooms: [sampleRoom(), study] });
  const mood = sampleMood({ label: 'tense' });
  const after = reduce(before, { type: 'mood', data: mood });
  assert.equal(after?.rooms[0]?.mood, mood);
  assert.equal(after?.rooms[1], study);
  assert.equal(before.rooms[0]?.mood?.label, 'calm');
});

test('a mood of a room that is not there changes nothing', () => {
  const before = sampleHouse();
  assert.deepEqual(reduce(before, { type: 'mood', data: sampleMood({ room: 'cellar' }) }), before);
});

test('rooms and devices are replaced by id, and added when new', () => {
  const changed = reduce(sampleHouse(), { type: 'room', data: sampleRoom({ mode: 'away' }) });
  assert.deepEqual(changed?.rooms, [sampleRoom({ mode: 'away' })]);
  const added = reduce(sampleHouse(), { type: 'device', data: sampleDevice({ id: 'virtual:new' }) });
  assert.deepEqual(
    added?.devices.map(({ id }) => id),
    ['virtual:lamp', 'virtual:new'],
  );
});
