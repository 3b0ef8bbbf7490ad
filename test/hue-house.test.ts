import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { discoverBridges } from '../adapters/hue/discovery.ts';
import { systemClock } from '../daemon/api/clock.ts';
import { NetworkDiscovery } from '../daemon/network/discovery.ts';
import { SOMEBODY } from './helpers/hub.ts';
import { HueHome } from './helpers/hue-home.ts';
import { Announcements } from './simulators/hue/announcements.ts';
import { type HueBridgeOptions, HueBridgeSimulator } from './simulators/hue/simulator.ts';

const HOUSE: HueBridgeOptions = {
  lamps: [
    { kind: 'color', name: 'Desk' },
    { kind: 'ambiance', name: 'Shelf' },
  ],
  accessories: [
    { kind: 'motion', name: 'Door', room: 'Living room' },
    { kind: 'dial', name: 'Wall' },
  ],
  scenes: [
    {
      name: 'Dinner',
      group: 'Living room',
      lamps: { Desk: { on: true, brightness: 60, xy: { x: 0.5, y: 0.4 } }, Shelf: { brightness: 25, mirek: 400 } },
    },
  ],
};

/** With a scene of its own for the one in the Hue app, and one that changes it a little. */
const open = (t: TestContext): Promise<HueHome> =>
  HueHome.for(t, HOUSE, (home) => {
    const scene = home.id(home.bridge.sceneId('Dinner'));
    return `scenes:
  dinner: { from: "${scene}", transition: 0 }
  dim-dinner: { from: "${scene}", lights: { brightness: 10 }, transition: 0 }
`;
  });

const den = (home: HueHome) => home.here.hub.queries.room('den');

function stands(
  { bridge }: HueHome,
  lamp: string,
  { brightness, mirek, xy }: { brightness: number; mirek?: number; xy?: { x: number; y: number } },
): boolean {
  const state = bridge.state(bridge.light(lamp).id);
  const isNear = Math.abs((state.brightness ?? 0) - brightness) < 0.5;
  return isNear && (mirek === undefined || state.mirek === mirek) && (xy === undefined || (state.xy?.x === xy.x && state.xy.y === xy.y));
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

describe('a home with a Hue bridge', () => {
  it('who moves past the sensor is in the room, and the light on it is the light of the room', async (t) => {
    const home = await open(t);
    assert.deepEqual(Object.keys(home.device(home.sensor()).readings).sort(), ['battery', 'illuminance', 'occupancy', 'temperature']);
    home.bridge.motionSensor().moves();
    home.bridge.motionSensor().lux(250);
    await home.passUntil(() => den(home).mood?.occupancy === true);
    await home.passUntil(() => Math.round(den(home).illuminance ?? 0) === 250);
    await home.passUntil(() => home.device(home.sensor()).readings.occupancy === false);
  });

  it('what is done with a switch stands in its activity: a press, a hold said once, a turn', async (t) => {
    const home = await open(t);
    const wall = home.bridge.switch();
    const dial = home.id(wall.device.id);
    const touches = () => home.here.hub.devices.activity(dial, 20).filter(({ what }) => what === 'button');
    wall.press(2);
    await home.passUntil(() => touches().length >= 1);
    wall.hold(1, 3000);
    await home.passUntil(() => touches().length >= 3);
    wall.rotate(-30);
    await home.passUntil(() => touches().length >= 4);
    const told = touches().map(({ params }) => params);
    assert.deepEqual(told.reverse(), [
      { button: 2, action: 'press' },
      { button: 1, action: 'hold' },
      { button: 1, action: 'release' },
      { button: 5, action: 'turn', degrees: -10.8 },
    ]);
  });

  it('a lamp and a sensor make themselves seen, and stay as they were', async (t) => {
    const home = await open(t);
    const { signal } = new AbortController();
    await home.here.hub.devices.identify(SOMEBODY, home.lamp('Desk'), signal);
    await home.here.hub.devices.identify(SOMEBODY, home.sensor(), signal);
    assert.equal(home.bridge.identified(home.bridge.light('Desk').deviceId), 1);
    assert.equal(home.bridge.identified(home.bridge.motionSensor().device.id), 1);
    await home.clock.pass(5000);
    assert.deepEqual(home.device(home.lamp('Desk')).holds, {});
  });

  it('a word of an older command that comes after a hand is answered once, with what the hand set', async (t) => {
    const home = await open(t);
    const desk = home.lamp('Desk');
    const commands = () =>
      home.bridge.requests.filter(({ method }) => method === 'PUT').map(({ body }) => (body as { dimming?: unknown }).dimming);
    home.bridge.delayEchoes([3000, 3000]);
    home.here.hub.commands.setDevice(SOMEBODY, desk, { brightness: 80 });
    await home.passUntil(() => stands(home, 'Desk', { brightness: 80 }));
    home.bridge.delayEchoes([0, 0]);
    home.bridge.turnByHand(home.bridge.light('Desk').id, { brightness: 20 });
    await home.passUntil(() => home.device(desk).holds.brightness !== undefined);
    await home.clock.pass(30_000);
    assert.deepEqual(commands(), [{ brightness: 80 }, { brightness: 20.16 }], 'the lamp may have obeyed the command last');
    assert.ok(stands(home, 'Desk', { brightness: 20 }));
    assert.ok(home.device(desk).holds.brightness);
  });

  it('a scene of the Hue app is one that can be activated, changed a little, and edited over there', async (t) => {
    const home = await open(t);
    const { commands } = home.here.hub;
    commands.setMode(SOMEBODY, 'den', 'auto');
    commands.activateScene(SOMEBODY, 'den', 'dinner');
    await home.passUntil(
      () => stands(home, 'Desk', { brightness: 60, xy: { x: 0.5, y: 0.4 } }) && stands(home, 'Shelf', { brightness: 25, mirek: 400 }),
    );
    assert.equal(home.device(home.lamp('Desk')).why.brightness?.[0]?.reason.code, 'reason.scene');

    commands.activateScene(SOMEBODY, 'den', 'dim-dinner');
    await home.passUntil(
      () => stands(home, 'Desk', { brightness: 10, xy: { x: 0.5, y: 0.4 } }) && stands(home, 'Shelf', { brightness: 10, mirek: 400 }),
    );
    assert.deepEqual(
      (await home.here.hub.devices.adapters()).find(({ id }) => id === 'hue')?.scenes.map(({ name, room }) => [name, room]),
      [['Dinner', 'Living room']],
    );
    assert.deepEqual(home.here.hub.queries.house().problems, []);
    home.bridge.app.deleteScene('Dinner');
    await home.passUntil(() => home.here.hub.queries.house().problems.some(({ code }) => code === 'scene.unknown_origin'));
  });

  it('a lamp that is added, moved and deleted in the Hue app comes, stays and goes', async (t) => {
    const home = await open(t);
    const { id } = home.bridge.app.addLamp({ kind: 'white', name: 'Hall' });
    const hall = home.id(id);
    await home.passUntil(() => home.here.available(hall));
    home.bridge.app.moveTo('Hall', 'Attic');
    home.bridge.app.rename('Hall', 'Attic lamp');
    await home.passUntil(() => home.device(hall).name === 'Attic lamp');
    home.bridge.app.removeLamp('Attic lamp');
    await home.passUntil(() => home.here.hub.queries.house().devices.every((device) => device.id !== hall));
  });

  it('of an unpaired bridge nothing is left: no key, no device, no connection, no word in the configuration', async (t) => {
    const home = await open(t);
    const bridge = home.bridge.bridgeId.toLowerCase();
    await home.here.hub.devices.unpair(SOMEBODY, { adapter: 'hue', id: bridge, signal: new AbortController().signal });
    await home.bridge.waitForStreams(0);
    const house = home.here.hub.queries.house();
    assert.deepEqual(
      house.devices.filter(({ adapter }) => adapter === 'hue'),
      [],
    );
    assert.ok(house.problems.every(({ scope }) => !scope.startsWith('adapter:')));
    assert.doesNotMatch(home.here.config, new RegExp(home.bridge.address));
    assert.deepEqual(home.here.traces(bridge), []);
  });

  it('is found by multicast DNS and by SSDP, with the address to pair with', async (t) => {
    const bridge = new HueBridgeSimulator();
    await bridge.start();
    const mdnsPort = await freePort();
    const announcements = new Announcements({ mdnsPort, ssdpPort: 0 });
    await announcements.start();
    announcements.announce(bridge);
    const network = new NetworkDiscovery({
      log: pino({ level: 'silent' }),
      clock: systemClock,
      addresses: () => ['127.0.0.1'],
      mdnsPort,
      ssdp: { group: '127.0.0.1', port: announcements.ssdpPort },
      timings: { listen: 1000, askAgain: 300 },
    });
    t.after(async () => {
      network.close();
      await announcements.close();
      await bridge.close();
    });
    const { signal } = new AbortController();
    const id = bridge.bridgeId.toLowerCase();
    // On a busy machine an answer may come after the time for it is over. By SSDP, the port is not told.
    let found = await discoverBridges(network, signal);
    while (found[0]?.host !== bridge.address) found = await discoverBridges(network, signal);
    assert.deepEqual(
      found.map((each) => each.id),
      [id],
    );
    let answers = await network.ssdp('upnp:rootdevice', signal);
    while (answers.length === 0) answers = await network.ssdp('upnp:rootdevice', signal);
    assert.deepEqual(
      answers.map(({ headers }) => headers['hue-bridgeid']?.toLowerCase()),
      [id],
    );
  });
});
