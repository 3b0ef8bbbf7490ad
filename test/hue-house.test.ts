import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { discoverBridges } from '../adapters/hue/discovery.ts';
import { HUE_TIMINGS } from '../adapters/hue/session.ts';
import { systemClock } from '../daemon/api/clock.ts';
import type { DeviceId } from '../daemon/devices/device.ts';
import { NetworkDiscovery } from '../daemon/network/discovery.ts';
import { ALONE, HubHere, SOMEBODY } from './helpers/hub.ts';
import { PatientClock } from './helpers/patient-clock.ts';
import { Announcements } from './simulators/hue/announcements.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

/** A hub with a paired bridge that has lamps, a sensor, a switch and a scene, on one virtual clock; what is on the wire is real. */
class Home {
  readonly clock = new PatientClock(HUE_TIMINGS.answerWithin);
  readonly bridge = new HueBridgeSimulator({
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
    clock: this.clock,
    answerDelay: [0, 0],
    echoDelay: [0, 0],
  });
  readonly sensor = this.#id(this.bridge.motionSensor().device.id);
  readonly dial = this.#id(this.bridge.switch().device.id);
  readonly desk = this.#id(this.bridge.light('Desk').id);
  readonly shelf = this.#id(this.bridge.light('Shelf').id);
  here!: HubHere;

  static async open(t: TestContext): Promise<Home> {
    const home = new Home();
    t.after(() => home.bridge.close());
    await home.bridge.start();
    const devices = [home.desk, home.shelf, home.sensor].map((id) => `"${id}"`).join(', ');
    const scene = home.#id(home.bridge.sceneId('Dinner'));
    home.here = await HubHere.start(
      `${ALONE}adapters: { hue: { bridges: [{ host: "${home.bridge.address}" }] } }
rooms: { den: { devices: [${devices}] } }
scenes:
  dinner: { from: "${scene}", transition: 0 }
  dim-dinner: { from: "${scene}", lights: { brightness: 10 }, transition: 0 }
`,
      home.clock,
    );
    t.after(() => home.here.close());
    home.bridge.pressLinkButton();
    await home.here.pair('hue', home.bridge.address);
    await home.passUntil(() => home.here.available(home.desk) && home.here.available(home.sensor));
    return home;
  }

  async passUntil(holds: () => boolean, within = 60_000): Promise<void> {
    await this.clock.passUntil(holds, within);
    assert.ok(holds(), `not within ${within} ms`);
  }

  get room() {
    return this.here.hub.queries.room('den');
  }

  device(id: DeviceId) {
    return this.here.hub.queries.device(id);
  }

  stands(lamp: string, { brightness, mirek, xy }: { brightness: number; mirek?: number; xy?: { x: number; y: number } }): boolean {
    const state = this.bridge.state(this.bridge.light(lamp).id);
    const isNear = Math.abs((state.brightness ?? 0) - brightness) < 0.5;
    return isNear && (mirek === undefined || state.mirek === mirek) && (xy === undefined || (state.xy?.x === xy.x && state.xy.y === xy.y));
  }

  #id(rid: string): DeviceId {
    return `hue:${this.bridge.bridgeId.toLowerCase()}.${rid}`;
  }
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
    const home = await Home.open(t);
    assert.deepEqual(Object.keys(home.device(home.sensor).readings).sort(), ['battery', 'illuminance', 'occupancy', 'temperature']);
    home.bridge.motionSensor().moves();
    home.bridge.motionSensor().lux(250);
    await home.passUntil(() => home.room.mood?.occupancy === true);
    await home.passUntil(() => Math.round(home.room.illuminance ?? 0) === 250);
    await home.clock.pass(20_000);
    assert.equal(home.device(home.sensor).readings.occupancy, false);
  });

  it('what is done with a switch stands in its activity: a press, a hold said once, a turn', async (t) => {
    const home = await Home.open(t);
    home.bridge.switch().press(2);
    await home.clock.pass(3000);
    home.bridge.switch().hold(1, 3000);
    await home.clock.pass(6000);
    home.bridge.switch().rotate(-30);
    await home.clock.pass(3000);
    const touches = home.here.hub.devices.activity(home.dial, 20).filter(({ what }) => what === 'button');
    assert.deepEqual(touches.map(({ params }) => params).reverse(), [
      { button: 2, action: 'press' },
      { button: 1, action: 'hold' },
      { button: 1, action: 'release' },
      { button: 5, action: 'turn', degrees: -10.8 },
    ]);
  });

  it('a lamp and a sensor make themselves seen, and stay as they were', async (t) => {
    const home = await Home.open(t);
    const { signal } = new AbortController();
    await home.here.hub.devices.identify(SOMEBODY, home.desk, signal);
    await home.here.hub.devices.identify(SOMEBODY, home.sensor, signal);
    assert.equal(home.bridge.identified(home.bridge.light('Desk').deviceId), 1);
    assert.equal(home.bridge.identified(home.bridge.motionSensor().device.id), 1);
    await home.clock.pass(5000);
    assert.deepEqual(home.device(home.desk).holds, {});
  });

  it('a scene of the Hue app is one that can be activated, changed a little, and edited over there', async (t) => {
    const home = await Home.open(t);
    const { commands } = home.here.hub;
    commands.setMode(SOMEBODY, 'den', 'auto');
    commands.activateScene(SOMEBODY, 'den', 'dinner');
    await home.passUntil(
      () => home.stands('Desk', { brightness: 60, xy: { x: 0.5, y: 0.4 } }) && home.stands('Shelf', { brightness: 25, mirek: 400 }),
    );
    assert.equal(home.device(home.desk).why.brightness?.[0]?.reason.code, 'reason.scene');

    commands.activateScene(SOMEBODY, 'den', 'dim-dinner');
    await home.passUntil(
      () => home.stands('Desk', { brightness: 10, xy: { x: 0.5, y: 0.4 } }) && home.stands('Shelf', { brightness: 10, mirek: 400 }),
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
    const home = await Home.open(t);
    const { id } = home.bridge.app.addLamp({ kind: 'white', name: 'Hall' });
    const hall = `hue:${home.bridge.bridgeId.toLowerCase()}.${id}` as const;
    await home.passUntil(() => home.here.available(hall));
    home.bridge.app.moveTo('Hall', 'Attic');
    home.bridge.app.rename('Hall', 'Attic lamp');
    await home.passUntil(() => home.device(hall).name === 'Attic lamp');
    home.bridge.app.removeLamp('Attic lamp');
    await home.passUntil(() => home.here.hub.queries.house().devices.every((device) => device.id !== hall));
  });

  it('of an unpaired bridge nothing is left: no key, no device, no connection, no word in the configuration', async (t) => {
    const home = await Home.open(t);
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
    const found = await discoverBridges(network, new AbortController().signal);
    assert.deepEqual(
      found.map(({ id, host }) => [id, host]),
      [[bridge.bridgeId.toLowerCase(), bridge.address]],
    );
    const { signal } = new AbortController();
    const asked = (await network.ssdp('upnp:rootdevice', signal)).map(({ headers }) => headers['hue-bridgeid']?.toLowerCase());
    assert.deepEqual(asked, [bridge.bridgeId.toLowerCase()]);
  });
});
