import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { HUE_TIMINGS } from '../adapters/hue/session.ts';
import type { DeviceId } from '../daemon/devices/device.ts';
import { ALONE, HubHere, SOMEBODY } from './helpers/hub.ts';
import { PatientClock } from './helpers/patient-clock.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

const HOUR = 3_600_000;
const LAMPS = 20;

/** A hub and a bridge with a room of lamps, on one virtual clock; what is on the wire is real. */
class Home {
  readonly clock = new PatientClock(HUE_TIMINGS.answerWithin);
  readonly bridge: HueBridgeSimulator;
  readonly lamps: readonly { id: string; device: DeviceId }[];
  here!: HubHere;

  constructor() {
    const lamps = Array.from({ length: LAMPS }, (_, index) => ({ kind: 'white' as const, name: `Lamp ${index}` }));
    this.bridge = new HueBridgeSimulator({ lamps, clock: this.clock, answerDelay: [0, 0], echoDelay: [0, 0] });
    const bridge = this.bridge.bridgeId.toLowerCase();
    this.lamps = this.bridge.lights.map(({ id }) => ({ id, device: `hue:${bridge}.${id}` as const }));
  }

  static async open(t: TestContext): Promise<Home> {
    const home = new Home();
    t.after(() => home.bridge.close());
    await home.bridge.start();
    const devices = home.lamps.map(({ device }) => `"${device}"`).join(', ');
    home.here = await HubHere.start(
      `${ALONE}adapters: { hue: { bridges: [{ host: "${home.bridge.address}" }] } }\nrooms: { den: { devices: [${devices}] } }\n`,
      home.clock,
    );
    t.after(() => home.here.close());
    home.bridge.pressLinkButton();
    await home.here.pair('hue', home.bridge.address);
    await home.clock.passUntil(() => home.areThere(true), 60_000);
    assert.ok(home.areThere(true));
    return home;
  }

  areThere(there: boolean): boolean {
    return this.here.hub.queries.house().devices.every(({ available }) => available === there);
  }

  /** A person wishes for another brightness of every lamp. */
  wish(of: (index: number) => number): void {
    for (const [index, { device }] of this.lamps.entries()) this.here.hub.commands.setDevice(SOMEBODY, device, { brightness: of(index) });
  }

  stands(of: (index: number) => number): boolean {
    return this.lamps.every(({ id }, index) => Math.abs((this.bridge.state(id).brightness ?? 0) - of(index)) < 0.5);
  }

  /** Events of the lines in the log from here on. */
  listen(): () => string[] {
    const from = this.here.lines.length;
    return () => this.here.lines.slice(from).map(({ event = '' }) => event);
  }

  get problems(): string[] {
    return this.here.hub.queries.house().problems.map(({ code }) => code);
  }
}

describe('a Hue bridge that the whole house hangs on', () => {
  it('away for an hour: one line in the log, nothing but looking for it; back, all is as wished within 5 s', async (t) => {
    const home = await Home.open(t);
    const said = home.listen();
    await home.bridge.unplug();
    await home.clock.passUntil(() => home.areThere(false), 60_000);
    const wish = (index: number): number => 20 + index;
    await home.clock.pass(HOUR / 2, 4000);
    home.wish(wish);
    await home.clock.pass(HOUR / 2, 4000);
    assert.deepEqual(home.problems, ['device.unreachable']);
    assert.deepEqual(said(), ['problem']);
    await home.bridge.plugIn();
    const took = await home.clock.passUntil(() => home.stands(wish), 60_000);
    t.diagnostic(`${LAMPS} lamps as wished ${took} ms after the bridge was back`);
    assert.ok(home.stands(wish) && took <= 5000, `${took} ms`);
    assert.deepEqual([said(), home.problems], [['problem', 'problem_passed'], []]);
    assert.equal(home.bridge.rateLimitHits, 0);
  });

  it('a storm of 429 ends with all as wished, and is no outage', async (t) => {
    const home = await Home.open(t);
    const said = home.listen();
    home.bridge.storm429(12);
    home.wish((index) => 30 + index);
    const took = await home.clock.passUntil(() => home.stands((index) => 30 + index), 120_000);
    t.diagnostic(`${LAMPS} lamps as wished ${took} ms after the beginning of a storm over 12 requests`);
    assert.ok(home.stands((index) => 30 + index));
    assert.ok(home.areThere(true));
    assert.deepEqual([home.problems, said()], [[], []]);
    assert.equal(home.bridge.rateLimitHits, 0, 'beyond the storm nothing was asked too often');
  });

  it('all lamps of the house alike is one command to their group', async (t) => {
    const home = await Home.open(t);
    const before = home.bridge.requests.length;
    home.wish(() => 44);
    const took = await home.clock.passUntil(() => home.stands(() => 44), 60_000);
    const puts = home.bridge.requests.slice(before).filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      puts.map(({ path }) => path.split('/')[4]),
      ['grouped_light'],
    );
    assert.equal(took, 0);
    await home.clock.pass(10_000);
    for (const { device } of home.lamps) assert.deepEqual(home.here.hub.queries.device(device).holds, {}, 'its echo is no hand');
  });
});
