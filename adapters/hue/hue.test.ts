import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { adapterContract } from '../../test/contract/adapter-contract.ts';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import type { HueBridgeOptions } from '../../test/simulators/hue/simulator.ts';
import { HueBench } from './bench.fixture.ts';
import { hueOptions } from './options.ts';
import { HUE_TIMINGS } from './session.ts';

adapterContract('the Hue adapter', async () => {
  const bench = await HueBench.open();
  const { bridge } = bench;
  const proxy = new TcpProxy(() => addressOf(bridge.address));
  await proxy.start();
  bench.pair(proxy.address);
  const { id } = bridge.light('color');
  const { on, brightness } = bridge.state(id);
  assert.deepEqual({ on, brightness }, { on: true, brightness: 100 });
  return {
    adapter: bench.build({ answerWithin: 2000, silence: 1500 }, proxy.address),
    lamp: bench.device('color'),
    hand: (attributes) => bridge.turnByHand(id, attributes),
    cutPower: () => bridge.unreachableAtTheWall(id),
    returnPower: () => bridge.powerReturns(id),
    shows: () => ({ on: bridge.state(id).on, brightness: bridge.state(id).brightness ?? 0 }),
    pendingTimers: () => bench.clock.pending,
    wire: {
      limit: (requests) => bridge.storm429(requests),
      garble: () => bridge.answerGarbage(),
      slow: (ms) => bridge.slowDown([ms, ms]),
      stall: () => bridge.stall(),
      freeze: () => proxy.freeze(),
      unplug: () => bridge.unplug(),
      plugIn: () => bridge.plugIn(),
      recover: () => {
        proxy.thaw();
        bridge.recover();
      },
      limitHits: () => bridge.rateLimitHits,
      disconnected: () => proxy.empty(),
    },
    close: async () => {
      await bench.close();
      await proxy.close();
    },
  };
});

function addressOf(address: string): { host: string; port: number } {
  const { hostname: host, port } = new URL(`tcp://${address}`);
  return { host, port: Number(port) };
}

async function open(t: TestContext, options: HueBridgeOptions = {}): Promise<HueBench> {
  const bench = await HueBench.open(options);
  t.after(() => bench.close());
  return bench;
}

const streams = (bench: HueBench): number => bench.bridge.requests.filter(({ path }) => path === '/eventstream/clip/v2').length;

describe('a Hue bridge', () => {
  it('shows its lamps with what each can do', async (t) => {
    const bench = await open(t);
    await bench.live();
    const devices = bench.adapter.list();
    assert.deepEqual(
      devices.map(({ name }) => name),
      ['Color', 'Ambiance', 'White', 'Plug'],
    );
    const [color, ambiance, white, plug] = devices.map(({ capabilities }) => capabilities);
    assert.equal(color?.color?.gamut?.length, 3);
    assert.deepEqual(ambiance, { on: true, brightness: { min: 0.2 }, colorTemperature: { min: 2203, max: 6536 } });
    assert.deepEqual(white, { on: true, brightness: { min: 2 } });
    assert.deepEqual(plug, { on: true });
    assert.match(devices[0]?.id ?? '', /^hue:001788fffe123456\./);
    assert.equal(bench.adapter.route(bench.device('color')).key, 'hue:001788fffe123456');
  });

  it('says first how every lamp stands: a white as a white, not as the color it looks like', async (t) => {
    const bench = await open(t);
    await bench.live();
    assert.deepEqual(bench.said('color', 'resync'), [
      ['on', true],
      ['brightness', 100],
      ['colorTemperature', 2732],
    ]);
    assert.deepEqual(bench.said('plug', 'resync'), [['on', true]]);
  });

  it('speaks brightness in percent, whites in mirek, colors inside the gamut, transitions in milliseconds', async (t) => {
    const bench = await open(t);
    await bench.live();
    await bench.apply('color', { on: true, brightness: 40, color: { x: 0.75, y: 0.25 } }, 1.5);
    await bench.apply('ambiance', { colorTemperature: 1000 });
    await bench.apply('plug', { on: false, brightness: 10 });
    const bodies = bench.bridge.requests.filter(({ method }) => method === 'PUT').map(({ body }) => body);
    const [first, second, third] = bodies as Record<string, { xy?: { x: number; y: number } }>[];
    assert.deepEqual(
      { ...first, color: undefined },
      { on: { on: true }, dimming: { brightness: 40 }, color: undefined, dynamics: { duration: 1500 } },
    );
    assert.ok(Math.hypot((first?.color?.xy?.x ?? 0) - 0.6915, (first?.color?.xy?.y ?? 0) - 0.3083) < 0.02, 'clipped to the red corner');
    assert.deepEqual(second, { color_temperature: { mirek: 454 }, dynamics: { duration: 0 } });
    assert.deepEqual(third, { on: { on: false } });
    assert.ok(
      bench.bridge.requests.every(({ status }) => status === undefined || status === 200),
      'a strict bridge took all of it',
    );
  });

  it('sends nothing for what a lamp cannot do, and off without anything else', async (t) => {
    const bench = await open(t);
    await bench.live();
    await bench.apply('white', { color: { x: 0.3, y: 0.3 } });
    await bench.apply('white', { on: false, brightness: 10 });
    const bodies = bench.bridge.requests.filter(({ method }) => method === 'PUT').map(({ body }) => body);
    assert.deepEqual(bodies, [{ on: { on: false }, dynamics: { duration: 0 } }]);
  });

  it('a hand in the middle of a long transition is no point on the way', async (t) => {
    const bench = await open(t);
    await bench.live();
    await bench.apply('color', { brightness: 1 }, 100);
    await bench.until(() => bench.said('color', 'event').length > 0);
    bench.bridge.turnByHand(bench.bridge.light('color').id, { brightness: 40 });
    await bench.until(() => bench.said('color', 'event').length > 1);
    const events = bench.reports.filter(({ kind }) => kind === 'event');
    assert.deepEqual(
      events.map(({ transitional }) => transitional),
      [false, false],
    );
  });

  it('takes a lamp that a person unplugs as unreachable, and the command as failed for now', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.unreachableAtTheWall(bench.bridge.light('color').id);
    await assert.rejects(bench.apply('color', { on: false }), { code: 'device.unreachable', retryable: true });
    await bench.until(() => !bench.available('color'));
    assert.ok(bench.available('white'), 'the others are there');
  });

  it('a command to a lamp that is off is taken, though the bridge remarks on it', async (t) => {
    const bench = await open(t, { lamps: [{ kind: 'color', name: 'Color', state: { on: false } }] });
    await bench.live();
    await bench.apply('color', { brightness: 20 });
    assert.equal(bench.bridge.requests.at(-1)?.status, 207);
    assert.equal(bench.bridge.state(bench.bridge.light('color').id).on, false);
  });
});

describe('a Hue bridge in trouble', () => {
  it('unreachable from the start: a problem; found as soon as it is there', async (t) => {
    const bench = await open(t);
    bench.pair();
    await bench.bridge.unplug();
    await bench.build().start();
    await bench.until(() => bench.problems.length > 0);
    assert.deepEqual(bench.problems, ['device.unreachable']);
    await bench.bridge.plugIn();
    await bench.until(() => bench.available('color'));
    assert.deepEqual(bench.problems, ['device.unreachable', null]);
    assert.deepEqual(bench.logged, [], 'whoever hears of problems writes them down');
  });

  it('gone and back: lamps unavailable meanwhile, what changed is told as resync', async (t) => {
    const bench = await open(t);
    await bench.live();
    await bench.bridge.unplug();
    await bench.until(() => !bench.available('color') && !bench.available('plug'));
    assert.equal(bench.adapter.list().length, 4, 'still known');
    await assert.rejects(bench.apply('color', { on: false }), { code: 'device.unreachable' });
    bench.bridge.turnByHand(bench.bridge.light('white').id, { brightness: 20 });
    const before = bench.reports.length;
    await bench.bridge.plugIn();
    await bench.until(() => bench.available('color'));
    assert.deepEqual(
      bench.reports.slice(before).map(({ attribute, value, kind }) => [attribute, value, kind]),
      [['brightness', 20.16, 'resync']],
    );
    assert.deepEqual(bench.problems, ['device.unreachable', null]);
  });

  it('a silent stream is noticed within a minute, and the picture taken anew', async (t) => {
    const { bench, clock } = await HueBench.patient(t);
    await bench.live(HUE_TIMINGS);
    bench.bridge.goSilent();
    bench.bridge.turnByHand(bench.bridge.light('color').id, { on: false });
    const noticed = await clock.passUntil(() => bench.said('color').some(([name, value]) => name === 'on' && value === false), 120_000);
    t.diagnostic(`noticed after ${noticed} ms`);
    assert.ok(noticed > 0 && noticed <= HUE_TIMINGS.silence + 100, `after ${noticed} ms`);
    assert.equal(streams(bench), 2);
    assert.deepEqual(bench.problems, [], 'nobody needs to know');
    assert.ok(bench.available('color'));
  });

  it('a dropped stream is resumed with the last event id, and the picture taken anew', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.turnByHand(bench.bridge.light('color').id, { brightness: 50 });
    await bench.until(() => bench.said('color', 'event').length > 0);
    bench.bridge.dropStreams();
    bench.bridge.turnByHand(bench.bridge.light('color').id, { on: false });
    await bench.until(() => bench.said('color', 'resync').some(([name, value]) => name === 'on' && value === false));
    const resumed = bench.bridge.requests.filter(({ path }) => path === '/eventstream/clip/v2').at(-1);
    assert.match(String(resumed?.headers['last-event-id']), /^\d+:\d+$/);
    assert.ok(bench.available('color'), 'never away');
  });

  it('a full picture after a gap speaks of what was commanded, even if it is as before', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.goSilent();
    await bench.apply('white', { brightness: 30 });
    bench.bridge.turnByHand(bench.bridge.light('white').id, { brightness: 100 });
    const before = bench.reports.length;
    bench.bridge.dropStreams();
    await bench.until(() => bench.reports.length > before);
    assert.deepEqual(
      bench.reports.slice(before).map(({ attribute, value, kind }) => [attribute, value, kind]),
      [['brightness', 100, 'resync']],
    );
  });

  it('another certificate is refused, before any key is sent, and said', async (t) => {
    const bench = await open(t);
    await bench.live();
    const before = new Set(bench.bridge.requests);
    await bench.bridge.changeCertificate();
    await bench.until(() => bench.problems.includes('hue.certificate_changed'));
    assert.ok(!bench.available('color'));
    await bench.bridge.waitForRequest((each) => !before.has(each));
    const after = bench.bridge.requests.filter((each) => !before.has(each));
    assert.ok(after.every(({ headers }) => headers['hue-application-key'] === undefined));
    assert.deepEqual(bench.problems, ['hue.certificate_changed']);
  });

  it('a revoked key is said, and the lamps are unavailable', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.revokeKey();
    await bench.until(() => bench.problems.includes('hue.key_revoked'));
    assert.ok(!bench.available('color'));
  });

  it('a revoked key is said also where only a command finds it out', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.revokeKey({ streams: 'stay' });
    await assert.rejects(bench.apply('color', { on: false }), { code: 'hue.key_revoked', retryable: false });
    await bench.until(() => bench.problems.includes('hue.key_revoked'));
    assert.ok(!bench.available('color'));
  });

  it('a bridge that was never paired gets no key of another, and says how to pair it', async (t) => {
    const bench = await open(t);
    await bench.build().start();
    await bench.until(() => bench.problems.length > 0);
    assert.deepEqual(bench.problems, ['hue.not_paired']);
    assert.deepEqual([...new Set(bench.bridge.requests.map(({ path }) => path))], ['/api/config']);
  });

  it('a storm of 429: no outage, and commands are to be tried again', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.storm429(1);
    await assert.rejects(bench.apply('color', { on: false }), { code: 'device.rate_limited', retryable: true });
    bench.bridge.storm429(5);
    bench.bridge.dropStreams();
    bench.bridge.turnByHand(bench.bridge.light('color').id, { brightness: 20 });
    await bench.until(() => bench.said('color').some(([, value]) => value === 20.16));
    assert.deepEqual(bench.problems, []);
    assert.ok(bench.available('color'));
  });

  it('garbage is no answer: said, and over when it is over', async (t) => {
    const bench = await open(t);
    await bench.live();
    bench.bridge.answerGarbage();
    await assert.rejects(bench.apply('color', { on: false }), { code: 'hue.bad_answer', retryable: true });
    await bench.until(() => bench.problems.includes('hue.bad_answer'));
    bench.bridge.recover();
    await bench.until(() => bench.problems.at(-1) === null);
    assert.ok(bench.available('color'));
  });

  it('one that accepts connections and says nothing: given up on in time', async (t) => {
    const bench = await open(t);
    await bench.live({ answerWithin: 100 });
    bench.bridge.stall();
    await assert.rejects(bench.apply('color', { on: false }), { code: 'device.timeout', retryable: true });
    bench.bridge.dropStreams();
    await bench.until(() => bench.problems.includes('device.timeout'));
    bench.bridge.recover();
    await bench.until(() => bench.available('color'));
  });

  it('can be closed in the middle of anything', async (t) => {
    for (const trouble of ['stall', 'unplug', 'answerGarbage', 'goSilent'] as const) {
      const bench = await open(t);
      await bench.live({ answerWithin: 30_000 });
      await bench.bridge[trouble]();
      const flying = bench.apply('color', { on: false }).catch(() => {});
      await bench.adapter.close();
      await flying;
      assert.equal(bench.clock.pending, 0, trouble);
    }
  });
});

it('options name hosts, not URLs', () => {
  assert.ok(hueOptions.safeParse({ bridges: [{ host: '192.168.1.20' }, { host: 'hue.local:443' }, { host: '[fe80::1]' }] }).success);
  for (const host of ['https://192.168.1.20', '192.168.1.20/api', '', 'user@host']) {
    assert.equal(hueOptions.safeParse({ bridges: [{ host }] }).success, false, host);
  }
});
