import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { HouseView } from '../daemon/api/views.ts';
import { COMMON, Daemon } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

/** From a bridge that is not there to a house that people and moods share. The tests build on each other. */
suite('lamps of a Hue bridge follow the room', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  const bridge = new HueBridgeSimulator({
    lamps: [
      { kind: 'color', name: 'Desk' },
      { kind: 'color', name: 'Shelf', state: { on: false } },
    ],
  });
  const idOf = (name: string) => `hue:${bridge.bridgeId.toLowerCase()}.${bridge.light(name).id}`;
  const [desk, shelf] = [bridge.light('Desk'), bridge.light('Shelf')];
  let video: string;
  let daemon: Daemon;

  /** A source may fall behind on a busy machine: that is no matter here. */
  const problemsOf = ({ problems }: HouseView) => problems.filter(({ scope }) => !scope.startsWith('source:'));

  const commandsTo = ({ id }: { id: string }) =>
    bridge.requests.filter(({ method, path }) => method === 'PUT' && path === `/clip/v2/resource/light/${id}`);

  before(async () => {
    video = film({ seconds: 6, fps: 10 });
    await bridge.start();
    await bridge.unplug();
    daemon = await Daemon.start({
      config: `${COMMON}adapters:
  virtual: {}
  hue: { bridges: [{ host: "${bridge.address}" }] }
rooms:
  study:
    sources: [{ id: cam, kind: camera, url: "file:${video}" }]
    devices: [virtual:lamp]
  den:
    sources: [{ id: cam2, kind: camera, url: "file:${video}", fps: 2 }]
    devices: ["${idOf('Desk')}", "${idOf('Shelf')}"]
scenes:
  glow: { lights: { brightness: 80, color: { x: 0.3, y: 0.2 } }, transition: 0 }
policies:
  - { when: { mood: cheerful }, then: { scene: glow } }
`,
    });
  });

  after(async () => {
    await daemon?.close();
    await bridge.close();
    rmSync(dirname(video), { recursive: true });
  });

  test('a bridge that is not there is told, and the rest goes on', async () => {
    const house = await daemon.houseWhen(({ problems }) => problems.some(({ code }) => code === 'device.unreachable'));
    assert.deepEqual(
      problemsOf(house)
        .map(({ scope, code }) => `${scope} ${code}`)
        .sort(),
      [
        `adapter:hue:${bridge.address} device.unreachable`,
        ...['Desk', 'Shelf'].map((name) => `room:den:${idOf(name)} room.unknown_device`),
      ].sort(),
    );
    const lamp = await daemon.deviceWhen('virtual:lamp', ({ values }) => values.brightness === 80);
    assert.equal(lamp.why.brightness?.find(({ wins }) => wins)?.reason.code, 'reason.mood');
  });

  test('when it comes, it waits to be paired; with its button pressed it is', async () => {
    await bridge.plugIn();
    await daemon.houseWhen(({ problems }) => problems.some(({ code }) => code === 'hue.not_paired'));
    bridge.pressLinkButton();
    const paired = await daemon.post<{ id: string; name: string }>('/api/adapters/hue/pair', { host: bridge.address });
    assert.deepEqual(paired, { id: bridge.bridgeId.toLowerCase(), name: bridge.name });
    const { devices } = await daemon.houseWhen((house) => problemsOf(house).length === 0);
    const lamp = devices.find(({ id }) => id === idOf('Desk'));
    assert.deepEqual([lamp?.name, lamp?.available, lamp?.rooms], ['Desk', true, ['den']]);
  });

  test('real lamps are left alone until somebody takes the scene on offer', async () => {
    const offered = await daemon.roomWhen('den', ({ moodScene }) => moodScene === 'glow');
    assert.equal(offered.mode, 'suggest');
    await daemon.mood('den');
    assert.deepEqual(commandsTo(desk), []);
    const taken = await daemon.put<{ mode: string }>('/api/rooms/den/scene', { scene: 'glow' });
    assert.equal(taken.mode, 'auto');
    const shown = await bridge.waitForLight(desk.id, ({ brightness }) => Math.round(brightness ?? 0) === 80);
    assert.deepEqual(shown.xy, { x: 0.3, y: 0.2 });
    assert.equal(shown.on, true);
  });

  test('what a hand on the bridge sets is held, and the mood does not overwrite it', async () => {
    // The echoes of the scene come first: one that comes after the hand may mean that a command did, and the hand's value is restored.
    await daemon.deviceWhen(idOf('Desk'), ({ values }) => values.color?.x === 0.3 && Math.round(values.brightness ?? 0) === 80);
    bridge.turnByHand(desk.id, { brightness: 20 });
    const held = await daemon.deviceWhen(idOf('Desk'), ({ holds }) => holds.brightness !== undefined);
    assert.ok(Number(held.holds.brightness) > Date.now());
    assert.equal(held.why.brightness?.find(({ wins }) => wins)?.reason.code, 'reason.hand');

    // The mood asks for something new: the color comes, so commands do flow; the brightness stays the hand's.
    const before = commandsTo(desk).length;
    daemon.edit((yaml) =>
      yaml.replace(
        'glow: { lights: { brightness: 80, color: { x: 0.3, y: 0.2 } }',
        'glow: { lights: { brightness: 70, color: { x: 0.5, y: 0.4 } }',
      ),
    );
    await daemon.post('/api/reload');
    await bridge.waitForLight(desk.id, ({ xy }) => xy?.x === 0.5);
    assert.ok(commandsTo(desk).length > before);
    for (const { body } of commandsTo(desk).slice(before)) assert.ok(!Object.hasOwn(body as object, 'dimming'), JSON.stringify(body));
    assert.equal(Math.round(bridge.state(desk.id).brightness ?? 0), 20);
  });

  test('to resume gives it back to the mood', async () => {
    await daemon.post('/api/rooms/den/resume');
    await bridge.waitForLight(desk.id, ({ brightness }) => Math.round(brightness ?? 0) === 70);
    assert.deepEqual((await daemon.device(idOf('Desk'))).holds, {});
  });

  test('a lamp that is off stays off; switched on by hand, it takes the place that waits for it', async () => {
    assert.deepEqual(commandsTo(shelf), []);
    assert.equal(bridge.state(shelf.id).on, false);
    bridge.turnByHand(shelf.id, { on: true });
    const lit = await bridge.waitForLight(shelf.id, ({ brightness }) => Math.round(brightness ?? 0) === 70);
    assert.deepEqual(lit.xy, { x: 0.5, y: 0.4 });
    assert.ok((await daemon.device(idOf('Shelf'))).holds.on);
  });

  test("a person's scene and slider win over the mood, and end when they are ended", async () => {
    await daemon.put('/api/rooms/den/scene', { scene: 'night-light' });
    await bridge.waitForLight(desk.id, ({ brightness }) => (brightness ?? 100) < 4);
    const { why } = await daemon.device(idOf('Desk'));
    assert.deepEqual(
      why.brightness?.map(({ rung, wins, reason }) => [rung, wins, reason.code]),
      [
        ['person', true, 'reason.scene'],
        ['mood', false, 'reason.mood'],
      ],
    );
    await daemon.put(`/api/devices/${idOf('Desk')}`, { brightness: 33 });
    await bridge.waitForLight(desk.id, ({ brightness }) => Math.round(brightness ?? 0) === 33);
    await daemon.put('/api/rooms/den/scene', { scene: null });
    await daemon.post('/api/rooms/den/resume');
    await bridge.waitForLight(desk.id, ({ brightness, xy }) => Math.round(brightness ?? 0) === 70 && xy?.x === 0.5);
  });

  test('a scene that switches lamps does so, also off', async () => {
    await daemon.put('/api/rooms/den/scene', { scene: 'sleep' });
    await Promise.all([desk, shelf].map(({ id }) => bridge.waitForLight(id, ({ on }) => !on)));
    await daemon.put('/api/rooms/den/scene', { scene: 'focus' });
    await Promise.all([desk, shelf].map(({ id }) => bridge.waitForLight(id, ({ on, brightness }) => on && brightness === 100)));
  });

  test('a bridge that loses power is told and comes back by itself', async () => {
    await bridge.unplug();
    const gone = await daemon.houseWhen((house) => problemsOf(house).length > 0);
    assert.deepEqual(
      problemsOf(gone).map(({ code }) => code),
      ['device.unreachable'],
    );
    await daemon.deviceWhen(idOf('Desk'), ({ available }) => !available);
    await bridge.plugIn();
    await daemon.deviceWhen(idOf('Desk'), ({ available }) => available);
    assert.deepEqual(problemsOf(await daemon.house()), []);
  });

  test('the bridge was asked no faster than it can, and nothing it refuses', () => {
    assert.equal(bridge.rateLimitHits, 0);
    const answers = new Set(bridge.requests.filter(({ method }) => method === 'PUT').map(({ status }) => status));
    assert.deepEqual([...answers], [200]);
  });
});
