import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeFor, call, data, descriptions, part, streamFor } from '../client.helper.ts';
import type { SceneDescription } from './house.ts';

const home = {
  lamps: [
    { kind: 'color', name: 'Desk' },
    { kind: 'white', name: 'Shelf' },
    { kind: 'plug', name: 'Fan', room: 'Bedroom' },
  ],
  zones: [{ name: 'Work', lamps: ['Desk'] }],
  scenes: [
    { name: 'Calm', group: 'Living room', lamps: { Desk: { on: true, brightness: 20, mirek: 400 }, Shelf: { on: false } } },
    { name: 'Bright', group: 'Living room', lamps: { Desk: { on: true, brightness: 100, xy: { x: 0.3, y: 0.3 } }, Shelf: { on: true } } },
    { name: 'Focus', group: 'Work', lamps: { Desk: { on: true, mirek: 200 } } },
  ],
} as const;

test('scenes list what their lamps should do', async (t) => {
  const { bridge, get } = await bridgeFor(t, home);
  const scenes = await get('/scene');
  assert.deepEqual(
    scenes.map((scene) => scene.metadata),
    [{ name: 'Calm' }, { name: 'Bright' }, { name: 'Focus' }],
  );
  const [calm] = scenes;
  assert.equal(part(calm, 'group').rtype, 'room');
  assert.equal(part(scenes[2], 'group').rtype, 'zone');
  assert.deepEqual(calm?.status, { active: 'inactive' });
  assert.deepEqual(calm.actions, [
    {
      action: { color_temperature: { mirek: 400 }, dimming: { brightness: 20 }, on: { on: true } },
      target: { rid: bridge.light('Desk').id, rtype: 'light' },
    },
    { action: { on: { on: false } }, target: { rid: bridge.light('Shelf').id, rtype: 'light' } },
  ]);
});

test('a recall sets the lamps; then it is told that this scene is active and the other of its room no longer', async (t) => {
  const { bridge, clock, put, stream } = await streamFor(t, { ...home, echoDelay: [50, 50] });
  const recall = (name: string) => put(`/scene/${bridge.sceneId(name)}`, { recall: { action: 'active' } });
  const reply = await recall('Bright');
  assert.deepEqual([reply.status, data(reply)], [200, [{ rid: bridge.sceneId('Bright'), rtype: 'scene' }]]);
  assert.deepEqual(bridge.state(bridge.light('Desk').id).xy, { x: 0.3, y: 0.3 });
  clock.advance(50);
  assert.equal((await stream.frame()).data[0]?.type, 'light');
  clock.advance(1000);
  const [told] = (await stream.frame()).data;
  assert.deepEqual(told?.status, { active: 'static', last_recall: '2026-01-15T20:00:00.000Z' });

  assert.equal((await recall('Calm')).status, 200);
  assert.deepEqual([bridge.isActive('Calm'), bridge.isActive('Bright'), bridge.isActive('Focus')], [true, false, false]);
  assert.equal(bridge.state(bridge.light('Shelf').id).on, false);
  clock.advance(1000);
  const { events } = await stream.frame();
  const types = events.map((event) => [...new Set(event.data.map(({ type }) => type))].join());
  assert.deepEqual(types, ['light', 'scene', 'grouped_light'], 'as in a recording of a bridge');
  const statuses = events[1]?.data.map((scene) => [scene.id, part(scene, 'status').active]);
  assert.deepEqual(
    new Map(statuses as [unknown, unknown][]),
    new Map([
      [bridge.sceneId('Bright'), 'inactive'],
      [bridge.sceneId('Calm'), 'static'],
    ]),
  );
});

test('a recall may take its time, and another brightness', async (t) => {
  const { bridge, clock, put } = await bridgeFor(t, home);
  const { id } = bridge.light('Desk');
  await put(`/scene/${bridge.sceneId('Calm')}`, { recall: { action: 'active', duration: 60_000, dimming: { brightness: 60 } } });
  assert.equal(bridge.state(id).brightness, 60.08, 'the target at once');
  clock.advance(22_000);
  assert.ok((bridge.state(id).brightness ?? 0) > 70, 'then where the lamp is');
  clock.advance(60_000);
  assert.equal(bridge.state(id).brightness, 60.08);
});

test('a lamp that is changed otherwise ends the scene', async (t) => {
  const { bridge } = await bridgeFor(t, home);
  bridge.app.recall('Calm');
  assert.equal(bridge.isActive('Calm'), true);
  bridge.turnByHand(bridge.light('Desk').id, { brightness: 70 });
  assert.equal(bridge.isActive('Calm'), false);
});

test('a room has one active scene, even where the next one is for other lamps', async (t) => {
  const scenes: SceneDescription[] = [
    { name: 'Here', group: 'Living room', lamps: { Desk: { on: true } } },
    { name: 'There', group: 'Living room', lamps: { Shelf: { on: true } } },
  ];
  const { bridge } = await bridgeFor(t, { ...home, scenes });
  bridge.app.recall('Here');
  bridge.app.recall('There');
  assert.deepEqual([bridge.isActive('Here'), bridge.isActive('There')], [false, true]);
});

test('a scene is made, told whole, renamed and deleted', async (t) => {
  const { bridge, clock, key, get, put, stream } = await streamFor(t, home);
  const [room] = await get('/room');
  const target = { rid: bridge.light('Desk').id, rtype: 'light' };
  const body = {
    type: 'scene',
    metadata: { name: 'Reading' },
    group: { rid: room?.id, rtype: 'room' },
    actions: [{ target, action: { on: { on: true }, dimming: { brightness: 80 } } }],
  };
  const made = await call(bridge, 'POST', '/clip/v2/resource/scene', { key, body });
  assert.equal(made.status, 200);
  const id = bridge.sceneId('Reading');
  assert.deepEqual(data(made), [{ rid: id, rtype: 'scene' }]);
  const added = (await stream.frame()).events[0];
  assert.equal(added?.type, 'add');
  assert.deepEqual(added.data, await get(`/scene/${id}`));
  clock.advance(1000);
  await put(`/scene/${id}`, { metadata: { name: 'Novel' } });
  assert.deepEqual((await stream.frame()).data[0]?.metadata, { name: 'Novel' });
  clock.advance(1000);
  assert.equal((await call(bridge, 'DELETE', `/clip/v2/resource/scene/${id}`, { key })).status, 200);
  const gone = (await stream.frame()).events[0];
  assert.equal(gone?.type, 'delete');
  assert.deepEqual(Object.keys(gone.data[0] ?? {}).sort(), ['id', 'id_v1', 'type']);
  assert.equal((await call(bridge, 'GET', `/clip/v2/resource/scene/${id}`, { key })).status, 404);
});

test('a scene that is not well formed is refused', async (t) => {
  const { bridge, key, get, put } = await bridgeFor(t, home);
  const [room] = await get('/room');
  const group = { rid: room?.id, rtype: 'room' };
  const metadata = { name: 'Reading' };
  const action = { on: { on: true } };
  const target = { rid: bridge.light('Desk').id, rtype: 'light' };
  const refused: [unknown, RegExp][] = [
    [{ metadata, group }, /keyword: 'required'.*expected: actions/],
    [{ metadata: { name: '' }, group, actions: [] }, /keyword: 'minLength'/],
    [{ metadata: { name: 'x'.repeat(33) }, group, actions: [] }, /keyword: 'maxLength'/],
    [{ metadata, group, actions: [{ action }] }, /instanceRef: '#\/actions\/0'/],
    [{ metadata, group, actions: [{ target, action: { dimming: { brightness: 120 } } }] }, /keyword: 'maximum'/],
    [{ metadata, group: { rid: 'nowhere', rtype: 'room' }, actions: [] }, /does not exist/],
    [{ metadata, group, actions: [{ target: { rid: bridge.light('Fan').id, rtype: 'light' }, action }] }, /is not part of group/],
  ];
  for (const [body, reason] of refused) {
    const reply = await call(bridge, 'POST', '/clip/v2/resource/scene', { key, body });
    assert.equal(reply.status, 400, reply.text);
    assert.match(descriptions(reply)[0] ?? '', reason);
  }
  const wrong = await put(`/scene/${bridge.sceneId('Calm')}`, { recall: { action: 'now' } });
  assert.match(descriptions(wrong)[0] ?? '', /keyword: 'enum', details: \{actual: now, expected: active/);
  assert.equal((await get('/scene')).length, 3);
});
