import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeMesh } from '../../daemon/api/meshes.fake.ts';
import { asTold, bars, inOrder, isLow, openFor, withNetwork } from './meshes.ts';

const NOW = 1000;

test('an open network counts down by this device, and is closed once it is away', () => {
  const open = asTold('zigbee', { ...fakeMesh(), joinSeconds: 60 }, NOW);
  assert.deepEqual([openFor(open, NOW), openFor(open, NOW + 45_000), openFor(open, NOW + 90_000)], [60_000, 15_000, 0]);
  assert.equal(openFor({ ...open, state: 'offline' }, NOW), 0);
  assert.equal(openFor(open, NOW - 900), 60_000, 'a page that ticks late never shows more than was told');
  assert.equal(openFor(asTold('zigbee', fakeMesh(), NOW), NOW - 900), 0);
});

test('the newest word on a network replaces the one before, and leaves others alone', () => {
  const zigbee = asTold('zigbee', fakeMesh(), NOW);
  const other = asTold('zigbee2mqtt', fakeMesh(), NOW);
  const closed = { ...zigbee, state: 'offline' } as const;
  const networks = [zigbee, other, closed].reduce(withNetwork, new Map());
  assert.deepEqual([...networks.values()], [closed, other]);
});

test('who is on the way in comes first, then all by name', () => {
  const names = inOrder(fakeMesh().nodes).map(({ name }) => name);
  assert.deepEqual(names, ['0x00158d0001000003', 'Desk', 'Hall']);
});

test('link quality in bars, and batteries that are low', () => {
  assert.deepEqual([0, 49, 50, 99, 100, 169, 170, 255].map(bars), [1, 1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual([15, 16].map(isLow), [true, false]);
});
