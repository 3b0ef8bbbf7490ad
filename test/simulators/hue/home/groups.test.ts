import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeFor, data, descriptions, references, streamFor } from '../client.helper.ts';
import type { ClipObject } from './resource.ts';

const home = {
  lamps: [
    { kind: 'white', name: 'Desk', room: 'Study' },
    { kind: 'color', name: 'Shelf', room: 'Study' },
    { kind: 'plug', name: 'Fan', room: 'Bedroom' },
  ],
  accessories: [
    { kind: 'motion', name: 'Hall' },
    { kind: 'motion', name: 'Study sensor', room: 'Study' },
  ],
  zones: [{ name: 'Evening', lamps: ['Shelf', 'Fan'] }],
} as const;

const children = (group: ClipObject | undefined) => references(group, 'children');

test('rooms hold devices, zones lights, and the home what has no room, with services that sum them up', async (t) => {
  const { bridge, get } = await bridgeFor(t, home);
  const rooms = new Map((await get('/room')).map((room) => [(room.metadata as { name: string }).name, room]));
  const device = (name: string) => ({ rid: bridge.light(name).deviceId, rtype: 'device' });
  assert.deepEqual(children(rooms.get('Bedroom')), [device('Fan')]);
  const sensor = (name: string) => ({ rid: bridge.motionSensor(name).device.id, rtype: 'device' });
  assert.deepEqual(children(rooms.get('Study')), [device('Desk'), device('Shelf'), sensor('Study sensor')]);
  const types = (group: ClipObject | undefined) => references(group, 'services').map((service) => service.rtype);
  assert.deepEqual(types(rooms.get('Study')), ['grouped_light', 'grouped_motion']);
  assert.deepEqual(types(rooms.get('Bedroom')), ['grouped_light']);

  const [zone] = await get('/zone');
  const light = (name: string) => ({ rid: bridge.light(name).id, rtype: 'light' });
  assert.deepEqual(children(zone), [light('Shelf'), light('Fan')]);
  const [whole] = await get('/bridge_home');
  const [bridgeDevice] = (await get('/device')).filter((each) => (each.metadata as { archetype: string }).archetype === 'bridge_v2');
  const loose = [{ rid: bridgeDevice?.id, rtype: 'device' }, sensor('Hall')];
  assert.deepEqual(children(whole), [...loose, ...[...rooms.values()].map(({ id }) => ({ rid: id, rtype: 'room' }))]);
  assert.equal((await get('/grouped_light')).length, 4);
});

test('a command to a room, a zone or the home reaches its lamps alone', async (t) => {
  const { bridge, clock, put } = await bridgeFor(t, home);
  const on = () => bridge.lights.map(({ id }) => bridge.state(id).on);
  const turn = async (group: string, body: unknown) => {
    clock.advance(1000);
    const reply = await put(`/grouped_light/${bridge.groupId(group)}`, body);
    assert.deepEqual(data(reply), [{ rid: bridge.groupId(group), rtype: 'grouped_light' }]);
  };
  await turn('Study', { on: { on: false } });
  assert.deepEqual(on(), [false, false, true]);
  await turn('Evening', { on: { on: true }, color: { xy: { x: 0.3, y: 0.3 } } });
  assert.deepEqual(on(), [false, true, true]);
  assert.deepEqual(bridge.state(bridge.light('Shelf').id).xy, { x: 0.3, y: 0.3 });
  await turn('home', { on: { on: false } });
  assert.deepEqual(on(), [false, false, false]);
});

test('the lights of one group command are told in one event, then every group with its own mean', async (t) => {
  const { bridge, clock, put, stream } = await streamFor(t, { ...home, echoDelay: [50, 50] });
  bridge.turnByHand(bridge.light('Fan').id, { on: false });
  clock.advance(50);
  await stream.frame();
  await put(`/grouped_light/${bridge.groupId('Study')}`, { dimming: { brightness: 40 } });
  clock.advance(1000);
  const { events } = await stream.frame();
  const [lights, ...others] = events.map((event) => event.data);
  assert.deepEqual(
    lights?.map(({ id, dimming }) => [id, dimming]),
    [
      [bridge.light('Desk').id, { brightness: 39.92 }],
      [bridge.light('Shelf').id, { brightness: 39.92 }],
    ],
  );
  assert.deepEqual(
    others.map((event) => event.map(({ type }) => type)),
    [['grouped_light', 'grouped_light', 'grouped_light', 'grouped_light']],
  );
});

test('a group warns of a lamp without power, and where its first lamp stays off, and does what it can', async (t) => {
  const { bridge, clock, put } = await bridgeFor(t, home);
  const path = `/grouped_light/${bridge.groupId('Study')}`;
  const [desk, shelf] = [bridge.light('Desk').id, bridge.light('Shelf').id];
  bridge.turnByHand(desk, { on: false });
  const off = await put(path, { on: { on: false } });
  const about = `device (grouped_light) ${bridge.groupId('Study')}`;
  assert.deepEqual([off.status, descriptions(off)], [207, [`${about} is "soft off", command (.on.on) may not have effect`]]);
  assert.equal(bridge.state(shelf).on, false, 'the other went off all the same');
  clock.advance(1000);
  assert.equal((await put(path, { on: { on: true } })).status, 200);
  clock.advance(1000);
  bridge.unreachableAtTheWall(desk);
  const dim = await put(path, { dimming: { brightness: 30 } });
  const reason = `${about} has communication issues, command (.dimming.brightness) may not have effect`;
  assert.deepEqual([dim.status, descriptions(dim)], [207, [reason]]);
  assert.equal(bridge.state(shelf).brightness, 30.04);
});

test('groups and recalls of scenes share one command a second', async (t) => {
  const { bridge, clock, put } = await bridgeFor(t, {
    ...home,
    scenes: [{ name: 'Calm', group: 'Study', lamps: { Desk: { brightness: 10 } } }],
  });
  const recall = () => put(`/scene/${bridge.sceneId('Calm')}`, { recall: { action: 'active' } });
  assert.equal((await put(`/grouped_light/${bridge.groupId('Study')}`, { on: { on: true } })).status, 200);
  assert.equal((await recall()).status, 429);
  assert.equal(bridge.isActive('Calm'), false);
  clock.advance(1000);
  assert.equal((await recall()).status, 200);
  assert.equal((await put(`/grouped_light/${bridge.groupId('home')}`, { on: { on: true } })).status, 429);
  assert.equal(bridge.rateLimitHits, 2);
});

test('a bridge that loses what is too much takes it, echoes it, and tells the truth later', async (t) => {
  const { bridge, clock, put } = await bridgeFor(t, { ...home, tooMany: 'lost' });
  const turn = (on: boolean) => put(`/grouped_light/${bridge.groupId('Study')}`, { on: { on } });
  assert.equal((await turn(false)).status, 200);
  clock.advance(100);
  assert.equal((await turn(true)).status, 200, 'taken, though it is too much');
  const study = () => ['Desk', 'Shelf'].map((name) => bridge.state(bridge.light(name).id).on);
  assert.deepEqual(study(), [true, true], 'what the bridge believes');
  clock.advance(4000);
  assert.deepEqual(study(), [false, false], 'what the lamps did');
  assert.equal(bridge.rateLimitHits, 0);
});
