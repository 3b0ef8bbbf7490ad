import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { TcpProxy } from '../../test/helpers/tcp-proxy.ts';
import { HueBridgeSimulator } from '../../test/simulators/hue/simulator.ts';
import { HueAdapter } from './adapter.ts';
import { HueBench } from './bench.fixture.ts';
import { HUE_TIMINGS } from './session.ts';

const OTHER = '001788FFFE654321';

type Patient = Awaited<ReturnType<typeof HueBench.patient>>;

/** An address that leads to the bridge until it is closed. */
async function addressOf(t: TestContext, bench: HueBench): Promise<TcpProxy> {
  const proxy = new TcpProxy(() => ({ host: '127.0.0.1', port: Number(bench.bridge.address.split(':')[1]) }));
  await proxy.start();
  t.after(() => proxy.close());
  return proxy;
}

function announce({ discovery, bridge }: HueBench, address: string): void {
  const [host = '', port] = address.split(':');
  discovery.services.set('hue', [{ name: 'Hue Bridge', addresses: [host], port: Number(port), txt: { bridgeid: bridge.bridgeId } }]);
}

async function another(t: TestContext, { bench, clock, wire }: Patient): Promise<HueBridgeSimulator> {
  const bridge = new HueBridgeSimulator({ bridgeId: OTHER, name: 'Upstairs', answerDelay: [0, 0], echoDelay: [0, 0], clock });
  wire.watch(bridge);
  await bridge.start();
  t.after(() => bridge.close());
  const id = bridge.bridgeId.toLowerCase();
  bench.credentials.set(id, { key: bridge.authorize(), certificate: bridge.certificate.fingerprint256 });
  bench.credentials.remember(id, { name: bridge.name, host: bridge.address, address: bridge.address });
  return bridge;
}

describe('where a bridge is', () => {
  it('one with a new address is found by its id, remembered there, and that is said once', async (t) => {
    const { bench, clock } = await HueBench.patient(t);
    const [before, after] = [await addressOf(t, bench), await addressOf(t, bench)];
    const host = before.address;
    bench.pair(host);
    await bench.build(HUE_TIMINGS, host).start();
    await clock.passUntil(() => bench.available('color'), 1000);
    await before.close();
    await clock.passUntil(() => !bench.available('color'), 10_000);
    announce(bench, after.address);
    const took = await clock.passUntil(() => bench.available('color'), 120_000);
    assert.ok(bench.available('color') && took <= 65_000, `after ${took} ms`);
    assert.deepEqual(bench.credentials.place(bench.bridgeId), { name: 'Hue Bridge', host, address: after.address });
    assert.deepEqual(bench.problems, ['device.unreachable', null]);
    assert.equal(bench.logged.filter(({ event }) => event === 'hue_bridge_moved').length, 1);

    await bench.adapter.close();
    bench.discovery.services.clear();
    bench.availability.clear();
    await bench.build(HUE_TIMINGS, host).start();
    assert.equal(await clock.passUntil(() => bench.available('color'), 60_000), 0, 'the next start goes there at once');
    assert.equal(bench.logged.filter(({ event }) => event === 'hue_bridge_moved').length, 1);
  });

  it('another bridge at the address is not taken for it, and gets no key', async (t) => {
    const { bench, clock, wire } = await HueBench.patient(t);
    const stranger = new HueBridgeSimulator({ bridgeId: OTHER, clock, answerDelay: [0, 0] });
    wire.watch(stranger);
    await stranger.start();
    t.after(() => stranger.close());
    bench.pair(stranger.address);
    await bench.build(HUE_TIMINGS, stranger.address).start();
    await clock.passUntil(() => bench.problems.length > 0, 1000);
    assert.deepEqual(bench.problems, ['hue.other_bridge']);
    assert.ok(stranger.requests.every(({ path, headers }) => path === '/api/config' && headers['hue-application-key'] === undefined));
    announce(bench, bench.bridge.address);
    await clock.passUntil(() => bench.available('color'), 200_000);
    assert.ok(bench.available('color'), 'its own is found where it is now');
  });

  it('two bridges are two, each with its own lamps, lane and troubles', async (t) => {
    const patient = await HueBench.patient(t);
    const { bench, clock } = patient;
    const upstairs = await another(t, patient);
    bench.pair();
    const adapter = new HueAdapter({ bridges: [{ host: bench.bridge.address }, { host: upstairs.address }] }, bench.context);
    t.after(() => adapter.close());
    const available = new Set<string>();
    adapter.events.on('availability', (change) => (change.available ? available.add(change.device) : available.delete(change.device)));
    await adapter.start();
    await clock.passUntil(() => available.size === 8, 10_000);
    assert.equal(new Set(adapter.list().map(({ id }) => id)).size, 8);
    const lamp = `hue:${OTHER.toLowerCase()}.${upstairs.light('color').id}` as const;
    assert.notEqual(adapter.route(lamp).key, adapter.route(bench.device('color')).key);
    await bench.bridge.unplug();
    await clock.passUntil(() => available.size === 4, 10_000);
    assert.ok(available.has(lamp));
    const command = { id: 'c', device: lamp, attributes: { on: false }, transition: 0, cause: ['test'] };
    await adapter.apply(command, new AbortController().signal);
    assert.equal(upstairs.state(upstairs.light('color').id).on, false);
  });

  it('one that stands in the configuration twice is spoken to once', async (t) => {
    const { bench, clock } = await HueBench.patient(t);
    const again = await addressOf(t, bench);
    bench.pair();
    const adapter = new HueAdapter({ bridges: [{ host: bench.bridge.address }, { host: again.address }] }, bench.context);
    t.after(() => adapter.close());
    const problems: unknown[] = [];
    adapter.events.on('problem', ({ scope, problem }) => problems.push([scope, problem?.code]));
    await adapter.start();
    await clock.passUntil(() => problems.length > 0, 10_000);
    assert.equal(adapter.list().length, 4);
    assert.deepEqual(
      problems.map((each) => (each as string[])[1]),
      ['hue.configured_twice'],
    );
  });

  it('of what was unpaired, or is not configured any more, devices are gone; of what was only not reached yet they are not', async (t) => {
    const patient = await HueBench.patient(t);
    const { bench, clock } = patient;
    const upstairs = await another(t, patient);
    const theirs = `hue:${OTHER.toLowerCase()}.${upstairs.light('color').id}` as const;
    bench.pair();
    const adapter = bench.build(HUE_TIMINGS);
    assert.equal(adapter.isGone(theirs), false, 'the address may be a new one of this bridge');
    await adapter.start();
    await clock.passUntil(() => bench.available('color'), 1000);
    assert.equal(adapter.isGone(theirs), true, 'the address leads to another bridge');
    assert.equal(adapter.isGone(bench.device('color')), false);
    bench.credentials.forget(bench.bridgeId);
    assert.equal(adapter.isGone(bench.device('color')), true);
  });
});
