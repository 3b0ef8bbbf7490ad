import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem, WhyEntry } from '../../daemon/api/views.ts';
import { START, sampleDevice, sampleHouse, sampleMood, sampleRoom, sampleSource } from './house.sample.ts';
import { bannerProblems, demoSource, devicesOf, holdsOf, isHeld, listedProblems, roomStatus, runningSources } from './select.ts';

test('the status says why a room has no mood', () => {
  const house = sampleHouse();
  const bare = { mood: null };
  assert.equal(roomStatus(house, sampleRoom()), 'read');
  assert.equal(roomStatus(house, sampleRoom({ mode: 'off' })), 'room_off');
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [] })), 'no_sources');
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [], told: true })), 'waiting');
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [sampleSource({ enabled: false, state: 'off' })] })), 'sources_off');
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [sampleSource({ state: 'waiting' })] })), 'failing');
  const failed = sampleSource({ state: 'starting', problem: { code: 'source.silent', params: {}, scope: 'source:ceiling', since: START } });
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [failed] })), 'failing');
  assert.equal(roomStatus(house, sampleRoom({ ...bare, sources: [failed, sampleSource()] })), 'waiting');
  assert.equal(roomStatus(house, sampleRoom(bare)), 'waiting');
});

test('with sensing off no old mood is shown', () => {
  assert.equal(roomStatus(sampleHouse({ sensing: false }), sampleRoom()), 'sensing_off');
});

test('nobody has no mood', () => {
  const left = sampleMood({ occupancy: false });
  assert.equal(roomStatus(sampleHouse(), sampleRoom({ mood: left })), 'read');
  assert.equal(roomStatus(sampleHouse(), sampleRoom({ mood: { ...left, contributions: [] } })), 'empty');
});

test('a recorded mood ends with its recording', () => {
  const demo = sampleSource({ id: 'demo', kind: 'demo', state: 'demo' });
  const room = sampleRoom({ mood: sampleMood({ demo: true }), sources: [demo] });
  assert.equal(roomStatus(sampleHouse({ demo: true }), room), 'read');
  assert.equal(roomStatus(sampleHouse({ demo: true }), { ...room, mood: null }), 'waiting');
  assert.equal(roomStatus(sampleHouse({ demo: false }), room), 'no_sources');
  assert.equal(demoSource(sampleHouse({ rooms: [sampleRoom(), room] })), demo);
});

test('a source counts as running until its process is gone', () => {
  const sources = (['off', 'starting', 'live', 'waiting'] as const).map((state) => sampleSource({ id: state, state }));
  const house = sampleHouse({ rooms: [sampleRoom({ sources: [...sources, sampleSource({ id: 'demo', kind: 'demo', state: 'demo' })] })] });
  assert.deepEqual(
    runningSources(house).map(({ id }) => id),
    ['starting', 'live', 'waiting'],
  );
});

test('devices come in the order of the room; unknown ones are left out', () => {
  const house = sampleHouse({ devices: [sampleDevice({ id: 'virtual:a' }), sampleDevice({ id: 'virtual:b' })] });
  const room = sampleRoom({ devices: ['virtual:b', 'virtual:gone', 'virtual:a'] });
  assert.deepEqual(
    devicesOf(house, room).map(({ id }) => id),
    ['virtual:b', 'virtual:a'],
  );
});

test('holds are grouped by their end, and over when it is reached', () => {
  const device = sampleDevice({ holds: { color: START + 10, on: START + 5, brightness: START + 10 } });
  assert.deepEqual(holdsOf(device, START), [
    { until: START + 5, attributes: ['on'] },
    { until: START + 10, attributes: ['brightness', 'color'] },
  ]);
  assert.deepEqual(holdsOf(device, START + 10), []);
});

test('holds without a time come last, and do not run out', () => {
  const device = sampleDevice({ holds: { on: 'empty', brightness: START + 5 } });
  assert.deepEqual(
    holdsOf(device, START + 10).map(({ until }) => until),
    ['empty'],
  );
  assert.deepEqual(
    holdsOf(device, START).map(({ until }) => until),
    [START + 5, 'empty'],
  );
});

test('a device is held by a hold, or by a winning wish of a person', () => {
  const claim = (change: Partial<WhyEntry>): WhyEntry => ({
    rung: 'person',
    value: 50,
    reason: { code: 'reason.slider', params: {} },
    wins: true,
    ...change,
  });
  assert.equal(isHeld(sampleDevice()), false);
  assert.equal(isHeld(sampleDevice({ holds: { on: START } })), true);
  assert.equal(isHeld(sampleDevice({ why: { brightness: [claim({})] } })), true);
  assert.equal(isHeld(sampleDevice({ why: { brightness: [claim({ wins: false }), claim({ rung: 'mood' })] } })), false);
});

test('every problem is shown in one place', () => {
  const config: Problem = { code: 'config.invalid', params: {}, scope: 'hub', since: START };
  const other: Problem = { code: 'mqtt.unreachable', params: {}, scope: 'mqtt', since: START };
  const ok = sampleHouse({ problems: [config, other] });
  const safe = { ...ok, config: { ...ok.config, state: 'safe' as const } };
  assert.deepEqual([bannerProblems(ok), listedProblems(ok)], [[], [config, other]]);
  assert.deepEqual([bannerProblems(safe), listedProblems(safe)], [[config], [other]]);
});
