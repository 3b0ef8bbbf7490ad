import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SOMEBODY } from './helpers/hub.ts';
import { HueHome } from './helpers/hue-home.ts';

const HOUR = 3_600_000;
/** ms: a session that broke off sooner is not begun anew at once. */
const A_WHILE = 15_000;
const LAMPS = 20;
const NAMES = Array.from({ length: LAMPS }, (_, index) => `Lamp ${index}`);

/** A home with a room of lamps, and what somebody wishes of them. */
class Lamps {
  readonly home: HueHome;

  private constructor(home: HueHome) {
    this.home = home;
  }

  static async open(t: TestContext): Promise<Lamps> {
    return new Lamps(await HueHome.for(t, { lamps: NAMES.map((name) => ({ kind: 'white', name })) }));
  }

  areThere(there: boolean): boolean {
    return this.home.here.hub.queries.house().devices.every(({ available }) => available === there);
  }

  /** A person wishes for another brightness of every lamp. */
  wish(of: (index: number) => number): void {
    const { commands } = this.home.here.hub;
    for (const [index, name] of NAMES.entries()) commands.setDevice(SOMEBODY, this.home.lamp(name), { brightness: of(index) });
  }

  stand(of: (index: number) => number): boolean {
    const { bridge } = this.home;
    return NAMES.every((name, index) => Math.abs((bridge.state(bridge.light(name).id).brightness ?? 0) - of(index)) < 0.5);
  }

  /** What there is from here on: events of lines in the log, and requests to the bridge. */
  listen() {
    const { here, bridge } = this.home;
    const [line, request] = [here.lines.length, bridge.requests.length];
    return {
      log: () => here.lines.slice(line).map(({ event = '' }) => event),
      commands: () => bridge.requests.slice(request).filter(({ method }) => method === 'PUT'),
      keys: () => bridge.requests.slice(request).flatMap(({ headers }) => headers['hue-application-key'] ?? []),
    };
  }

  get problems(): string[] {
    return this.home.here.hub.queries.house().problems.map(({ code }) => code);
  }
}

const ALIKE = (): number => 44;
const EACH = (index: number): number => 20 + index;

async function standAgain(t: TestContext, lamps: Lamps): Promise<void> {
  await lamps.home.pair();
  const took = await lamps.home.passUntil(() => lamps.stand(EACH));
  t.diagnostic(`${LAMPS} lamps as wished ${took} ms after it was paired again`);
  assert.ok(took <= 5000, `${took} ms`);
  assert.deepEqual(lamps.problems, []);
}

describe('a Hue bridge that the whole house hangs on', () => {
  it('away for an hour: one line in the log, nothing but looking for it; back, all is as wished within 5 s', async (t) => {
    const lamps = await Lamps.open(t);
    const { home } = lamps;
    const said = lamps.listen();
    await home.bridge.unplug();
    await home.passUntil(() => lamps.areThere(false));
    await home.clock.pass(HOUR / 2, 4000);
    lamps.wish(EACH);
    await home.clock.pass(HOUR / 2, 4000);
    assert.deepEqual([lamps.problems, said.log(), said.commands()], [['device.unreachable'], ['problem'], []]);
    await home.bridge.plugIn();
    const took = await home.passUntil(() => lamps.stand(EACH));
    t.diagnostic(`${LAMPS} lamps as wished ${took} ms after the bridge was back`);
    assert.ok(took <= 5000, `${took} ms`);
    assert.deepEqual([said.log(), lamps.problems], [['problem', 'problem_passed'], []]);
    assert.equal(home.bridge.rateLimitHits, 0);
  });

  it('a storm of 429 ends with all as wished, and is no outage', async (t) => {
    const lamps = await Lamps.open(t);
    const { home } = lamps;
    const said = lamps.listen();
    home.bridge.storm429(12);
    lamps.wish(EACH);
    const took = await home.passUntil(() => lamps.stand(EACH), 120_000);
    t.diagnostic(`${LAMPS} lamps as wished ${took} ms after the beginning of a storm over 12 requests`);
    assert.ok(lamps.areThere(true));
    assert.deepEqual([lamps.problems, said.log()], [[], []]);
    assert.equal(home.bridge.rateLimitHits, 0, 'beyond the storm nothing was asked too often');
  });

  it('a key that was removed is said at once, in one line; nothing is commanded until it is paired again', async (t) => {
    const lamps = await Lamps.open(t);
    const { home } = lamps;
    await home.clock.pass(A_WHILE);
    const said = lamps.listen();
    home.bridge.revokeKey();
    const took = await home.passUntil(() => lamps.problems.includes('hue.key_revoked'));
    t.diagnostic(`said after ${took} ms`);
    assert.ok(took <= 1000, `${took} ms`);
    await home.clock.pass(HOUR / 2, 4000);
    lamps.wish(EACH);
    await home.clock.pass(HOUR / 2, 4000);
    assert.deepEqual([lamps.problems, said.log(), said.commands()], [['hue.key_revoked'], ['problem'], []]);
    t.diagnostic(`${said.keys().length} requests with the removed key in an hour, none a command`);
    assert.ok(lamps.areThere(false) && said.keys().length <= 62, 'it is asked once a minute whether it knows the key again');

    await standAgain(t, lamps);
  });

  it('another certificate is said at once, in one line; nobody gets the key until it is paired again', async (t) => {
    const lamps = await Lamps.open(t);
    const { home } = lamps;
    await home.clock.pass(A_WHILE);
    const said = lamps.listen();
    await home.bridge.changeCertificate();
    const took = await home.passUntil(() => lamps.problems.includes('hue.certificate_changed'));
    t.diagnostic(`said after ${took} ms`);
    assert.ok(took <= 1000, `${took} ms`);
    await home.clock.pass(HOUR / 2, 4000);
    lamps.wish(EACH);
    await home.clock.pass(HOUR / 2, 4000);
    assert.deepEqual([lamps.problems, said.log()], [['hue.certificate_changed'], ['problem']]);
    assert.deepEqual([said.commands(), said.keys()], [[], []]);
    assert.ok(lamps.areThere(false));

    await standAgain(t, lamps);
  });

  it('all lamps of the house alike is one command to their group', async (t) => {
    const lamps = await Lamps.open(t);
    const { home } = lamps;
    const said = lamps.listen();
    lamps.wish(ALIKE);
    const took = await home.passUntil(() => lamps.stand(ALIKE));
    assert.deepEqual(
      said.commands().map(({ path }) => path.split('/')[4]),
      ['grouped_light'],
    );
    assert.equal(took, 0);
    await home.clock.pass(10_000);
    for (const name of NAMES) assert.deepEqual(home.device(home.lamp(name)).holds, {}, 'its echo is no hand');
  });
});
