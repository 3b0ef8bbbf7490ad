import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { openResources } from './contract/watched.ts';
import { SOMEBODY } from './helpers/hub.ts';
import { ZigbeeHome } from './helpers/zigbee-home.ts';

const LAMPS = 10;
const NAMES = Array.from({ length: LAMPS }, (_, index) => `Lamp ${index}`);
/** How often the coordinator is pulled out here; a hundred times by `npm run bench -- zigbee.unplugged`. */
const TIMES = 8;
/** ms in which all must stand as wished once the coordinator is back. */
const BACK_WITHIN = 10_000;

/** A coordinator that a room of lamps hangs on, and what somebody wishes of them. The tests build on each other. */
suite('a Zigbee coordinator that the whole house hangs on', () => {
  let home: ZigbeeHome;

  before(async () => {
    home = await ZigbeeHome.open(NAMES.map((name) => ({ kind: 'dimmable', name })));
    wish(() => 100);
    await home.until(() => stand(() => 100));
  });
  after(() => home.close());

  /** A person wishes for another brightness of every lamp, and for light. */
  function wish(of: (index: number) => number): void {
    const { commands } = home.here.hub;
    for (const [index, name] of NAMES.entries()) commands.setDevice(SOMEBODY, home.id(name), { on: true, brightness: of(index) });
  }

  function stand(of: (index: number) => number): boolean {
    return NAMES.every((name, index) => {
      const { lit, level } = home.simulator.lamp(name).state;
      return lit && Math.abs((level / 254) * 100 - of(index)) < 0.5;
    });
  }

  const each = (index: number): number => 20 + index;

  /** Events of lines in the log from here on. */
  function listen() {
    const from = home.here.lines.length;
    return () => home.here.lines.slice(from).map(({ event = '' }) => event);
  }

  const noHands = () => NAMES.every((name) => Object.keys(home.device(name).holds).every((held) => held !== 'hand'));

  test('away: one line in the log; back, all is as wished meanwhile within 10 s', async (t) => {
    const said = listen();
    await home.simulator.unplug();
    await home.until(() => home.areThere(false));
    wish(each);
    await home.until(() => home.problems.includes('zigbee.coordinator_away'));
    assert.equal(home.mesh.state, 'offline');
    await home.simulator.plugIn();
    const took = await home.until(() => stand(each));
    t.diagnostic(`${LAMPS} lamps as wished ${Math.round(took)} ms after the coordinator was back`);
    assert.ok(took <= BACK_WITHIN, `${took} ms`);
    await home.until(() => home.problems.length === 0);
    assert.deepEqual(said(), ['problem', 'problem_passed']);
    assert.ok(noHands());
  });

  test('a connection that broke, and a coordinator that lost its memory, come back with the same network', async () => {
    const { network } = home.simulator;
    home.simulator.dropConnection();
    await home.until(() => home.areThere(false));
    await home.until(() => home.areThere(true));
    await home.until(() => home.mesh.backupAt !== undefined);
    await home.simulator.unplug();
    await home.until(() => home.areThere(false));
    await home.simulator.plugIn({ memory: 'lost' });
    await home.until(() => home.areThere(true), 40_000);
    assert.equal(home.simulator.network, network);
    wish(() => 70);
    await home.until(() => stand(() => 70));
  });

  test('buffers that are full for a while end with all as wished, and are no outage', async () => {
    const said = listen();
    home.simulator.refuseRequests(8);
    wish(() => 55);
    await home.until(() => stand(() => 55));
    assert.deepEqual([home.problems, said()], [[], []]);
    assert.ok(home.areThere(true));
  });

  test('a lamp that is cut at the wall is away alone, and gets what was wished when it is back', async () => {
    const [first = '', ...rest] = NAMES;
    const lamp = home.simulator.lamp(first);
    lamp.cutAtTheWall();
    home.here.hub.commands.setDevice(SOMEBODY, home.id(first), { brightness: 33 });
    await home.until(() => !home.here.available(home.id(first)), 30_000);
    assert.ok(rest.every((name) => home.here.available(home.id(name))));
    lamp.restoreAtTheWall();
    await home.until(() => home.here.available(home.id(first)));
    await home.until(() => Math.abs((lamp.state.level / 254) * 100 - 33) < 0.5);
  });

  test(`pulled out ${TIMES} times: no more handles, timers and listeners than before, and the network is the same`, async () => {
    const { network } = home.simulator;
    const before = openResources().length;
    for (let time = 0; time < TIMES; time += 1) {
      await home.simulator.unplug();
      await home.until(() => home.areThere(false));
      await home.simulator.plugIn();
      await home.until(() => home.areThere(true));
    }
    assert.equal(home.simulator.network, network);
    wish((index) => 80 - index);
    await home.until(() => stand((index) => 80 - index));
    await home.until(() => openResources().length <= before, 10_000);
    assert.ok(home.simulator.maxInFlight <= 2, `${home.simulator.maxInFlight} at a time`);
    assert.deepEqual(home.simulator.violations, []);
  });
});
