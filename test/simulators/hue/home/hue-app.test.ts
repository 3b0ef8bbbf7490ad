import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeFor, type ClipEvent, part, references, type StreamReader, streamFor } from '../client.helper.ts';

const home = {
  lamps: [
    { kind: 'color', name: 'Desk', room: 'Study' },
    { kind: 'white', name: 'Shelf', room: 'Study' },
  ],
  zones: [{ name: 'Evening', lamps: ['Desk'] }],
  scenes: [{ name: 'Calm', group: 'Study', lamps: { Desk: { on: true }, Shelf: { on: true } } }],
} as const;

/** The events of the frames that have been sent so far and not been read. */
async function eventsOf(stream: StreamReader, frames: number): Promise<ClipEvent[]> {
  const events: ClipEvent[] = [];
  for (let i = 0; i < frames; i++) events.push(...(await stream.frame()).events);
  return events;
}

const summary = (events: readonly ClipEvent[]): string[] => events.flatMap(({ type, data }) => data.map((each) => `${type} ${each.type}`));

test('a lamp is found: it comes whole, then its room has it', async (t) => {
  const { bridge, clock, get, stream } = await streamFor(t, home);
  const { id, deviceId } = bridge.app.addLamp({ kind: 'ambiance', name: 'Floor', room: 'Study', state: { on: false } });
  clock.advance(1000);
  const events = await eventsOf(stream, 2);
  assert.deepEqual(summary(events).slice(0, 3), ['add device', 'add light', 'add zigbee_connectivity']);
  assert.deepEqual(events[0]?.data, [...(await get(`/device/${deviceId}`)), ...(await get(`/light/${id}`)), events[0]?.data[2]]);
  const room = events.flatMap((event) => event.data).find(({ type }) => type === 'room');
  assert.ok(references(room, 'children').some(({ rid }) => rid === deviceId));
  assert.equal(bridge.light('Floor').id, id);
});

test('a lamp is deleted: its resources end, its groups and scenes lose it', async (t) => {
  const { bridge, clock, get, stream } = await streamFor(t, home);
  const { id, deviceId } = bridge.light('Desk');
  bridge.app.removeLamp('Desk');
  clock.advance(1000);
  const events = await eventsOf(stream, 2);
  assert.deepEqual(summary(events).slice(0, 3), ['delete device', 'delete light', 'delete zigbee_connectivity']);
  assert.deepEqual(events[0]?.data.slice(0, 2), [
    { id: deviceId, id_v1: '/lights/1', type: 'device' },
    { id, id_v1: '/lights/1', type: 'light' },
  ]);
  assert.ok(['update scene', 'update room', 'update zone'].every((each) => summary(events).includes(each)));
  assert.deepEqual((await get('/scene'))[0]?.actions, [
    { action: { on: { on: true } }, target: { rid: bridge.light('Shelf').id, rtype: 'light' } },
  ]);
  assert.equal((await get('/light')).length, 1);
  assert.deepEqual((await get('/zone'))[0]?.children, []);
});

test('what waited to be told of a lamp is told no more once it is deleted', async (t) => {
  const { bridge, clock, stream } = await streamFor(t, home);
  bridge.turnByHand(bridge.light('Shelf').id, { on: false });
  await stream.frame();
  bridge.turnByHand(bridge.light('Desk').id, { on: false });
  bridge.app.removeLamp('Desk');
  clock.advance(1000);
  const { events } = await stream.frame();
  assert.ok(!summary(events).includes('update light'));
});

test('a new name is told of the device and of its light', async (t) => {
  const { bridge, clock, get, stream } = await streamFor(t, home);
  bridge.app.rename('Desk', 'Reading lamp');
  clock.advance(1000);
  const events = await eventsOf(stream, 2);
  const names = events.flatMap(({ data }) => data.map(({ type, metadata }) => [type, (metadata as { name: string } | undefined)?.name]));
  assert.deepEqual(names.slice(0, 2), [
    ['device', 'Reading lamp'],
    ['light', 'Reading lamp'],
  ]);
  assert.deepEqual(
    (await get(`/light/${bridge.light('Reading lamp').id}`)).map(({ metadata }) => metadata),
    [{ archetype: 'sultan_bulb', name: 'Reading lamp', function: 'mixed' }],
  );
  bridge.app.renameRoom('Study', 'Office');
  assert.equal(bridge.groupId('Office').length, 36);
});

test('an application may rename too, within the vendor’s limits', async (t) => {
  const { bridge, put } = await bridgeFor(t, home);
  const { deviceId, id } = bridge.light('Desk');
  assert.equal((await put(`/device/${deviceId}`, { metadata: { name: 'x'.repeat(33) } })).status, 400);
  assert.equal((await put(`/device/${deviceId}`, { metadata: { name: 'Lamp' } })).status, 200);
  assert.equal(bridge.light('Lamp').id, id);
});

test('a lamp moves to another room: both rooms are told, a new one comes whole', async (t) => {
  const { bridge, clock, stream } = await streamFor(t, home);
  const { deviceId } = bridge.light('Desk');
  bridge.app.moveTo('Desk', 'Attic');
  clock.advance(1000);
  clock.advance(1000);
  const events = await eventsOf(stream, bridge.framesSent);
  assert.deepEqual(summary(events).slice(0, 2), ['add room', 'add grouped_light']);
  const rooms = events.flatMap(({ type, data }) => data.filter((each) => each.type === 'room').map(({ children }) => [type, children]));
  const desk = { rid: deviceId, rtype: 'device' };
  assert.deepEqual(rooms[0], ['add', [desk]]);
  assert.deepEqual(rooms[1], ['update', [{ rid: bridge.light('Shelf').deviceId, rtype: 'device' }]]);
  const attic = events.filter(({ type, data }) => type === 'update' && data.some(({ id }) => id === bridge.groupId('Attic')));
  assert.deepEqual(attic, [], 'what came whole is not told once more');
  bridge.app.turn('Attic', { on: false });
  assert.equal(bridge.state(bridge.light('Desk').id).on, false);
  assert.equal(bridge.state(bridge.light('Shelf').id).on, true);
});

test('a scene saved and recalled in the app looks like one from anyone', async (t) => {
  const { bridge, get } = await bridgeFor(t, home);
  bridge.turnByHand(bridge.light('Desk').id, { brightness: 30, xy: { x: 0.2, y: 0.2 } });
  const { id } = bridge.app.saveScene('Now', 'Study');
  bridge.app.turn('Study', { on: false, brightness: 100 });
  bridge.app.recall('Now');
  const { on, brightness, xy } = bridge.state(bridge.light('Desk').id);
  assert.deepEqual({ on, brightness, xy }, { on: true, brightness: 30.04, xy: { x: 0.2, y: 0.2 } });
  assert.equal(part((await get(`/scene/${id}`))[0], 'status').active, 'static');
  bridge.app.deleteScene('Now');
  assert.equal((await get('/scene')).length, 1);
});
