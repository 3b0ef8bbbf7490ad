import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeState } from '../../daemon/api/state.fake.ts';
import { CommandQueue } from '../../daemon/devices/queue.ts';
import { DeviceRegistry } from '../../daemon/devices/registry.ts';
import { HueBench } from './bench.fixture.ts';
import { hue } from './index.ts';

/** Values for every lamp, several times over, faster than a bridge takes them. */
it('a burst of commands over every lamp ends at the newest values, without asking more than a bridge takes', async (t) => {
  const lamps = Array.from({ length: 8 }, (_, index) => ({ kind: 'white' as const, name: `Lamp ${index}` }));
  const bench = await HueBench.open({ lamps });
  t.after(() => bench.bridge.close());
  bench.pair();
  const { log, clock, random, discovery, vault } = bench.context;
  const sections = { hue: { bridges: [{ host: bench.bridge.address }] } };
  const registry = new DeviceRegistry({
    log,
    clock,
    random,
    discovery,
    modules: { hue: async () => hue },
    sections,
    state: new FakeState(),
    vault: () => vault,
    folder: () => '',
  });
  const queue = new CommandQueue({ log, clock, random: Math.random, routes: registry });
  t.after(() => registry.close());
  t.after(() => queue.close());
  await queue.start();
  await registry.start();
  for (let round = 1; round <= 5; round += 1) {
    for (const [index, { name }] of lamps.entries()) {
      // Commands wait for a bridge that is still being connected to.
      const known = await deviceNamed(registry, name);
      queue.submit({
        id: `${round}.${index}`,
        device: known,
        attributes: { brightness: round * 10 + index },
        transition: 0,
        cause: ['test'],
      });
    }
  }
  await Promise.all(
    lamps.map(({ name }, index) =>
      bench.bridge.waitForLight(bench.bridge.light(name).id, ({ brightness }) => Math.abs((brightness ?? 0) - (50 + index)) < 0.5),
    ),
  );
  assert.equal(bench.bridge.rateLimitHits, 0);
  const puts = bench.bridge.requests.filter(({ method }) => method === 'PUT').length;
  assert.ok(puts < lamps.length * 5, `${puts} commands sent: what waited was not merged`);
});

async function deviceNamed(registry: DeviceRegistry, name: string) {
  for (;;) {
    const device = registry.devices().find((each) => each.name === name);
    if (device) return device.id;
    await new Promise<void>((resolve) => registry.events.once('devices', resolve));
  }
}
