import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import { FakeState } from '../api/state.fake.ts';
import { FakeDiscovery, FakeVault } from './adapter.fake.ts';
import type { Adapter, AdapterContext, AdapterEvents, AdapterModule } from './adapter.ts';
import type { Command } from './command.ts';
import type { Attributes, Device, DeviceId } from './device.ts';
import { DeviceRegistry } from './registry.ts';

/** An adapter of the smallest kind, which does what its options say. */
const optionsSchema = z.strictObject({
  lamps: z.array(z.string()).default(['one']),
  broken: z.boolean().default(false),
  away: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

class Plain implements Adapter {
  readonly id = 'plain';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly applied: Command[] = [];
  readonly options: Options;
  readonly context: AdapterContext;
  lamps: string[];
  closed = 0;

  constructor(options: Options, context: AdapterContext) {
    this.options = options;
    this.context = context;
    this.lamps = options.lamps;
  }

  async start(): Promise<void> {
    if (this.options.broken) throw new Error('cannot');
    this.events.emit('devices');
    for (const { id } of this.list()) this.events.emit('availability', { device: id, available: true });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  list(): Device[] {
    return this.lamps.map((name) => ({ id: `plain:${name}`, adapter: 'plain', name, capabilities: { on: true } }));
  }

  isGone(): boolean {
    return !this.options.away;
  }

  route() {
    return { key: 'plain', limits: { rate: 1, burst: 1, inFlight: 1 } };
  }

  async apply(command: Command): Promise<void> {
    this.applied.push(command);
  }

  says(attributes: Attributes, device: DeviceId = 'plain:one'): void {
    for (const [attribute, value] of Object.entries(attributes)) {
      this.events.emit('report', {
        device,
        attribute: attribute as 'on',
        value,
        at: 0,
        origin: 'unknown',
        transitional: false,
        kind: 'event',
      });
    }
  }
}

function build(sections: Record<string, unknown>, state = new FakeState()) {
  const made: Plain[] = [];
  const plain: AdapterModule<Options> = {
    id: 'plain',
    name: 'Plain',
    options: optionsSchema,
    create: (options, context) => {
      const adapter = new Plain(options, context);
      made.push(adapter);
      return adapter;
    },
    pair: async ({ host }, { vault }) => {
      vault.set('key', host);
      return { id: 'hardware', name: 'Hardware' };
    },
  };
  const vaults = new Map<string, FakeVault>();
  const registry = new DeviceRegistry({
    log: pino({ level: 'silent' }),
    clock: new FakeClock(),
    random: () => 0.5,
    discovery: new FakeDiscovery(),
    modules: { plain: async () => plain, silent: async () => ({ ...plain, id: 'silent', pair: undefined }) as unknown as AdapterModule },
    sections,
    state,
    vault: (adapter) => vaults.get(adapter) ?? vaults.set(adapter, new FakeVault()).get(adapter) ?? new FakeVault(),
  });
  const problems: [string, string | null][] = [];
  const availability: [DeviceId, boolean][] = [];
  registry.events.on('problem', ({ scope, problem }) => problems.push([scope, problem?.code ?? null]));
  registry.events.on('availability', ({ device, available }) => availability.push([device, available]));
  return { registry, made, state, problems, availability, vaults };
}

describe('device registry', () => {
  it('knows the devices of its adapters, and where they stand', async () => {
    const { registry, made, availability } = build({ plain: {} });
    await registry.start();
    assert.deepEqual(
      registry.devices().map(({ id }) => id),
      ['plain:one'],
    );
    assert.deepEqual(availability, [['plain:one', true]]);
    made[0]?.says({ on: true, color: { x: 0.3, y: 0.3 } });
    made[0]?.says({ colorTemperature: 2700 });
    assert.deepEqual(registry.state('plain:one'), { available: true, values: { on: true, colorTemperature: 2700 }, readings: {} });
    assert.equal(registry.state('plain:two'), undefined);
    await registry.close();
    await registry.close();
    assert.equal(made[0]?.closed, 1);
    assert.equal(registry.available('plain:one'), false);
  });

  it('sends a command to the adapter of its device', async () => {
    const { registry, made } = build({ plain: {} });
    await registry.start();
    const command: Command = { id: 'c', device: 'plain:one', attributes: { on: true }, transition: 0, cause: ['x'] };
    await registry.apply(command, new AbortController().signal);
    assert.deepEqual(made[0]?.applied, [command]);
    assert.throws(() => registry.route('plain:two'), { code: 'api.unknown_device' });
    await assert.rejects(registry.apply({ ...command, device: 'other:one' }, new AbortController().signal), { code: 'device.unreachable' });
    await registry.close();
  });

  it('a failing, an unknown and a misconfigured adapter are problems; the rest go on', async () => {
    const { registry, problems } = build({ plain: {}, silent: { broken: true }, nothing: {} });
    await registry.start();
    assert.deepEqual(Object.fromEntries(problems), {
      'adapter:silent': 'adapter.failed',
      'adapter:nothing': 'adapter.unknown',
    });
    assert.equal(registry.available('plain:one'), true);
    await registry.configure({ plain: { lamps: 7 } });
    assert.deepEqual(problems.at(-1), ['adapter:plain', 'adapter.invalid_options']);
    await registry.configure({});
    assert.deepEqual(
      new Map(problems),
      new Map([
        ['adapter:silent', null],
        ['adapter:nothing', null],
        ['adapter:plain', null],
      ]),
    );
    await registry.close();
  });

  it('knows devices of before while their adapter has not found them', async () => {
    const first = build({ plain: {} });
    await first.registry.start();
    await first.registry.close();
    const { registry } = build({ plain: { lamps: [], away: true } }, first.state);
    await registry.start();
    assert.deepEqual(registry.state('plain:one'), { available: false, values: {}, readings: {} });
    registry.forget('plain:one');
    assert.deepEqual(registry.devices(), []);
    assert.deepEqual(first.state.keys('devices.'), []);
    await registry.close();
  });

  it('forgets a device that went while its adapter was not running', async () => {
    const first = build({ plain: { lamps: ['one', 'two'] } });
    await first.registry.start();
    await first.registry.close();
    const { registry } = build({ plain: { lamps: ['two'] } }, first.state);
    await registry.start();
    assert.deepEqual(
      registry.devices().map(({ id }) => id),
      ['plain:two'],
    );
    await registry.close();
  });

  it('forgets a device that its adapter listed and lists no more', async () => {
    const { registry, made, state, availability } = build({ plain: { lamps: ['one', 'two'] } });
    await registry.start();
    const adapter = made[0];
    assert.ok(adapter);
    adapter.lamps = ['two'];
    adapter.events.emit('devices');
    assert.deepEqual(
      registry.devices().map(({ id }) => id),
      ['plain:two'],
    );
    assert.deepEqual(state.keys('devices.'), ['devices.plain:two']);
    assert.deepEqual(availability.at(-1), ['plain:one', false]);
    await registry.close();
  });

  it('restarts only the adapter whose section changed, and hides the devices of one that was removed', async () => {
    const { registry, made, availability } = build({ plain: { lamps: ['one'] } });
    await registry.start();
    await registry.configure({ plain: { lamps: ['one'] } });
    assert.equal(made.length, 1);
    await registry.configure({ plain: { lamps: ['one', 'two'] } });
    assert.deepEqual([made.length, made[0]?.closed, made[1]?.closed], [2, 1, 0]);
    assert.deepEqual(
      availability,
      [
        ['plain:one', true],
        ['plain:two', true],
      ],
      'a lamp that stays is never away',
    );
    made[0]?.says({ on: false });
    assert.deepEqual(registry.state('plain:one')?.values, {}, 'the old one is heard no more');
    await registry.configure({});
    assert.deepEqual(registry.devices(), []);
    assert.equal(made[1]?.closed, 1);
    assert.deepEqual(availability.slice(-2), [
      ['plain:one', false],
      ['plain:two', false],
    ]);
    await registry.close();
  });

  it('keeps the old adapter running if the new one does not start', async () => {
    const { registry, made, problems } = build({ plain: {} });
    await registry.start();
    await registry.configure({ plain: { broken: true } });
    assert.deepEqual(problems.at(-1), ['adapter:plain', 'adapter.failed']);
    assert.deepEqual([made[0]?.closed, made[1]?.closed], [0, 1]);
    assert.equal(registry.available('plain:one'), true);
    await registry.configure({ plain: {} });
    assert.deepEqual(problems.at(-1), ['adapter:plain', null], 'going back to what runs mends it');
    await registry.close();
  });

  it("passes an adapter's problems on by bridge, and takes them back when it is closed", async () => {
    const { registry, made, problems } = build({ plain: {} });
    await registry.start();
    made[0]?.events.emit('problem', { scope: '10.0.0.5', problem: new RoomtoneError('device.unreachable', { params: { device: 'b' } }) });
    assert.deepEqual(problems.at(-1), ['adapter:plain:10.0.0.5', 'device.unreachable']);
    await registry.configure({});
    assert.deepEqual(problems.at(-1), ['adapter:plain:10.0.0.5', null]);
    await registry.close();
  });

  it('pairs into the vault of the adapter and restarts it', async () => {
    const { registry, made, vaults } = build({ plain: {} });
    await registry.start();
    const request = { host: '10.0.0.5', signal: new AbortController().signal, onProgress: () => {} };
    assert.deepEqual(await registry.pair('plain', request), { id: 'hardware', name: 'Hardware' });
    assert.equal(vaults.get('plain')?.get('key'), '10.0.0.5');
    assert.deepEqual([made.length, made[0]?.closed], [2, 1]);
    await assert.rejects(registry.pair('silent', request), { code: 'adapter.no_pairing' });
    await assert.rejects(registry.pair('nothing', request), { code: 'adapter.unknown' });
    await registry.close();
  });
});
