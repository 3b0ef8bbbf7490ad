import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../daemon/api/clock.ts';
import type { DeviceId } from '../daemon/devices/device.ts';
import { ALONE, HubHere, SOMEBODY } from './helpers/hub.ts';
import { MosquittoBroker } from './helpers/mosquitto-broker.ts';
import { needs } from './helpers/needs.ts';
import { Zigbee2MqttStandIn } from './simulators/zigbee2mqtt/stand-in.ts';

const LAMPS = 20;
const NAMES = Array.from({ length: LAMPS }, (_, index) => `lamp ${index}`);
const ieeeOf = (index: number): string => `0x${(index + 1).toString(16).padStart(16, '0')}`;
const idOf = (index: number): DeviceId => `zigbee2mqtt:${ieeeOf(index)}`;
const IDS = NAMES.map((_, index) => idOf(index));
/** ms within which all stands as wished after a return. */
const SOON = 10_000;

/** A whole hub, a real broker, and Zigbee2MQTT with a room of lamps behind it, in real time. */
class Home {
  readonly broker: MosquittoBroker;
  readonly z2m: Zigbee2MqttStandIn;
  readonly here: HubHere;

  private constructor(broker: MosquittoBroker, z2m: Zigbee2MqttStandIn, here: HubHere) {
    this.broker = broker;
    this.z2m = z2m;
    this.here = here;
  }

  static async open(t: TestContext): Promise<Home> {
    const broker = await MosquittoBroker.start({ persistence: true });
    const devices = NAMES.map((name, index) => ({ ieee: ieeeOf(index), name, kind: 'ikeaDimmable' }) as const);
    const groups = [{ id: 1, name: 'den', members: NAMES.map((_, index) => [ieeeOf(index), 1] as const) }];
    const z2m = new Zigbee2MqttStandIn({ url: broker.url, devices, groups });
    await z2m.start();
    const sections = `adapters: { zigbee2mqtt: { url: "${broker.url}" } }\nrooms: { den: { devices: ${JSON.stringify(IDS)} } }\n`;
    const here = await HubHere.start(ALONE + sections, systemClock);
    const home = new Home(broker, z2m, here);
    t.after(async () => {
      await here.close();
      await z2m.kill();
      await broker.close();
    });
    await here.until(() => home.areThere(true));
    return home;
  }

  areThere(there: boolean): boolean {
    return IDS.every((id) => this.here.available(id) === there);
  }

  /** A person wishes for a brightness of every lamp. */
  wish(of: (index: number) => number): void {
    for (const [index, id] of IDS.entries()) this.here.hub.commands.setDevice(SOMEBODY, id, { brightness: of(index) });
  }

  /** Whether the lamps themselves show it. */
  stand(of: (index: number) => number, names: readonly string[] = NAMES): boolean {
    const percent = (name: string): number => (Number(this.z2m.device(name).real.brightness) / 254) * 100;
    return names.every((name) => Math.abs(percent(name) - of(NAMES.indexOf(name))) < 0.5);
  }

  /** Until the lamps themselves stand so. @returns ms that it took */
  async standing(of: (index: number) => number): Promise<number> {
    const before = systemClock.mono();
    await this.here.until(() => this.stand(of));
    return systemClock.mono() - before;
  }

  /** Events in the log from here on. */
  listen(): () => string[] {
    const from = this.here.lines.length;
    return () => this.here.lines.slice(from).map(({ event = '' }) => event);
  }

  get problems(): string[] {
    return this.here.hub.queries.house().problems.map(({ code }) => code);
  }

  get held(): DeviceId[] {
    return IDS.filter((id) => Object.keys(this.here.hub.queries.device(id).holds).length > 0);
  }
}

const EACH = (index: number): number => 20 + index;
const ALIKE = (): number => 44;

describe('a Zigbee2MQTT that the whole house hangs on', { ...needs('mosquitto'), timeout: 120_000 }, () => {
  it('away and back: said once, and all stands as was wished meanwhile', async (t) => {
    const home = await Home.open(t);
    const said = home.listen();
    await home.z2m.kill();
    await home.here.until(() => home.areThere(false));
    home.wish(EACH);
    assert.deepEqual(home.problems, ['zigbee2mqtt.offline']);
    await home.z2m.start();
    const took = await home.standing(EACH);
    t.diagnostic(`${LAMPS} lamps as wished ${Math.round(took)} ms after Zigbee2MQTT was back`);
    assert.ok(took < SOON, `${took} ms`);
    assert.deepEqual([said(), home.problems, home.z2m.errors], [['problem', 'problem_passed'], [], []]);
  });

  it('its broker restarted: said once, and all stands as was wished meanwhile', async (t) => {
    const home = await Home.open(t);
    const said = home.listen();
    await home.broker.stop('SIGTERM');
    await home.here.until(() => home.areThere(false));
    home.wish(EACH);
    await home.broker.run();
    const took = await home.standing(EACH);
    t.diagnostic(`${LAMPS} lamps as wished ${Math.round(took)} ms after the broker was back`);
    assert.ok(took < SOON, `${took} ms`);
    assert.deepEqual([said(), home.problems], [['problem', 'problem_passed'], []]);
  });

  it('what it repeats is no hand; what a person does is', async (t) => {
    const home = await Home.open(t);
    home.wish(EACH);
    await home.standing(EACH);
    for (const name of NAMES) home.z2m.tell(name, { linkquality: 7 });
    home.z2m.tell('lamp 4', { brightness: 5 });
    await home.here.until(() => home.held.length > 0);
    assert.deepEqual(home.held, [idOf(4)]);
    await home.z2m.kill();
    await home.here.until(() => home.areThere(false));
    await home.z2m.start();
    await home.here.until(() => home.areThere(true));
    assert.deepEqual(home.held, [idOf(4)], 'a return is no hand either');
    assert.equal(home.z2m.device('lamp 4').real.brightness, 5);
  });

  it('all lamps of a room alike is one message to their group', async (t) => {
    const home = await Home.open(t);
    const before = home.z2m.heard.length;
    home.wish(ALIKE);
    await home.standing(ALIKE);
    const topics = home.z2m.heard.slice(before).map(({ topic }) => topic);
    assert.deepEqual(topics, ['den/set']);
  });

  it('a lamp without power holds up nobody else', async (t) => {
    const home = await Home.open(t);
    home.z2m.device('lamp 0').isPowered = false;
    home.wish(EACH);
    await home.here.until(() => home.stand(EACH, NAMES.slice(1)));
    assert.ok(home.z2m.errors.every((line) => line.includes("'lamp 0'")));
    home.z2m.setPower('lamp 0', true);
    await home.standing(EACH);
  });
});
