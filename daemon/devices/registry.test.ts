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
  /** Goes on listing what was forgotten. */
  stubborn: z.boolean().default(false),
  deaf: z.boolean().default(false),
});
const never = new AbortController().signal;
type Options = z.infer<typeof optionsSchema>;

class Plain implements Adapter {
  readonly id = 'plain';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly applied: Command[] = [];
  readonly options: Options;
  readonly context: AdapterContext;
  lamps: string[];
  closed = 0;
  /** What it was asked besides commands. */
  readonly asked: string[] = [];

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

  async identify(device: DeviceId): Promise<void> {
    this.asked.push(`identify ${device}`);
  }

  async forget(device: DeviceId): Promise<void> {
    this.asked.push(`forget ${device}`);
    if (this.options.deaf) throw new RoomtoneError('device.unreachable', { params: { device } });
    if (!this.options.stubborn) this.lamps = this.lamps.filter((name) => `plain:${name}` !== device);
    this.events.emit('devices');
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
    paired: ({ vault }) => vault.names().map((name) => ({ id: 'hardware', name: 'Hardware', host: vault.get(name) ?? '' })),
    unpair: async (_id, { vault }) => vault.delete('key'),
    discover: async (network, signal) =>
      (await network.mdns('plain', signal)).map(({ name, addresses }) => ({ id: name, name, host: addresses[0] ?? '' })),
  };
  const clock = new FakeClock();
  const discovery = new FakeDiscovery();
  const vaults = new Map<string, FakeVault>();
  const registry = new DeviceRegistry({
    log: pino({ level: 'silent' }),
    clock,
    random: () => 0.5,
    discovery,
    modules: { plain: async () => plain, silent: async () => ({ ...plain, id: 'silent', pair: undefined }) as unknown as AdapterModule },
    sections,
    state,
    vault: (adapter) => vaults.get(adapter) ?? vaults.set(adapter, new FakeVault()).get(adapter) ?? new FakeVault(),
    folder: (adapter) => `/nowhere/${adapter}`,
  });
  const problems: [string, string | null][] = [];
  const availability: [DeviceId, boolean][] = [];
  registry.events.on('problem', ({ scope, problem }) => problems.push([scope, problem?.code ?? null]));
  registry.events.on('availability', ({ device, available }) => availability.push([device, available]));
  const forgotten: DeviceId[] = [];
  registry.events.on('forgotten', ({ device }) => forgotten.push(device));
  return { registry, clock, made, state, problems, availability, forgotten, vaults, module: plain, discovery };
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
    await registry.forget('plain:one', never);
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
    const { registry, made, state, forgotten } = build({ plain: { lamps: ['one', 'two'] } });
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
    assert.deepEqual(forgotten, ['plain:one']);
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

  it('tries an adapter that does not start again, later each time, until it does', async () => {
    const { registry, made, clock, problems } = build({ plain: { broken: true } });
    await registry.start();
    assert.equal(made.length, 1);
    await clock.advanceAsync(1000);
    assert.equal(made.length, 2);
    await clock.advanceAsync(1000);
    assert.equal(made.length, 2, 'the second wait is longer');
    await clock.advanceAsync(600_000);
    assert.ok(made.length > 8 && made.length < 30, `${made.length} attempts in ten minutes`);
    assert.deepEqual(problems[0], ['adapter:plain', 'adapter.failed']);
    for (const each of made) assert.equal(each.closed, 1);
    await registry.configure({ plain: {} });
    assert.deepEqual(problems.at(-1), ['adapter:plain', null]);
    assert.equal(registry.available('plain:one'), true);
    await registry.close();
    assert.equal(clock.pending, 0);
  });

  it('gives up on an adapter that never says that it has started, and tries it again', async () => {
    const { registry, made, clock, problems, module } = build({});
    const { create } = module;
    module.create = (options, context) => {
      const adapter = create(options, context) as Plain;
      if (made.length === 1) adapter.start = () => new Promise(() => {});
      return adapter;
    };
    const configured = registry.configure({ plain: {} });
    await clock.advanceAsync(30_000);
    await configured;
    assert.deepEqual(problems.at(-1), ['adapter:plain', 'adapter.slow_start']);
    assert.equal(made[0]?.closed, 1);
    await clock.advanceAsync(1000);
    assert.equal(registry.available('plain:one'), true);
    await registry.close();
    assert.equal(clock.pending, 0);
  });

  it('closes what holds a thing of which there is one before the next takes it, and puts it back if that one cannot', async () => {
    const { registry, made, clock, module, availability } = build({});
    module.exclusive = true;
    const open: number[] = [];
    const { create } = module;
    module.create = (options, context) => {
      const adapter = create(options, context) as Plain;
      const { start } = adapter;
      adapter.start = async () => {
        open.push(made.filter((each) => each.closed === 0).length);
        await start.call(adapter);
      };
      return adapter;
    };
    await registry.configure({ plain: {} });
    await registry.configure({ plain: { lamps: ['one', 'two'] } });
    assert.deepEqual(open, [1, 1], 'never two at a time');
    await registry.configure({ plain: { broken: true } });
    assert.deepEqual(made.at(-1)?.options.lamps, ['one', 'two']);
    assert.equal(registry.available('plain:two'), true);
    const attempts = made.length;
    await clock.advanceAsync(600_000);
    assert.equal(made.length, attempts, 'what works again is left alone');
    assert.ok(availability.some(([, available]) => !available));
    await registry.close();
  });

  it('forgets a device with all that was kept of it, and tells its adapter', async () => {
    const { registry, made, state, forgotten } = build({ plain: { lamps: ['one', 'two'] } });
    await registry.start();
    registry.permit('plain:one', { rooms: ['den'], rungs: null });
    await registry.forget('plain:one', never);
    assert.deepEqual(made[0]?.asked, ['forget plain:one']);
    assert.deepEqual(forgotten, ['plain:one']);
    assert.equal(registry.state('plain:one'), undefined);
    assert.deepEqual(
      [...state.keys('device'), ...state.keys('devices.')].filter((key) => key.includes('one')),
      [],
      'nothing is left in the store',
    );
    await assert.rejects(registry.forget('plain:one', never), { code: 'api.unknown_device' });
    await registry.close();
  });

  it('hides a forgotten device that its bridge goes on listing, over a restart, until it is wanted back', async () => {
    const first = build({ plain: { lamps: ['one', 'two'], stubborn: true } });
    await first.registry.start();
    await first.registry.forget('plain:one', never);
    const ids = (registry: DeviceRegistry) => registry.devices().map(({ id }) => id);
    assert.deepEqual(ids(first.registry), ['plain:two']);
    first.made[0]?.says({ on: true });
    await first.registry.close();

    const { registry, made } = build({ plain: { lamps: ['one', 'two'], stubborn: true } }, first.state);
    await registry.start();
    assert.deepEqual(ids(registry), ['plain:two']);
    assert.deepEqual((await registry.discover(never)).hidden, [
      { id: 'plain:one', adapter: 'plain', name: 'one', capabilities: { on: true } },
    ]);
    registry.readmit('plain:one');
    assert.deepEqual(ids(registry).sort(), ['plain:one', 'plain:two']);
    assert.throws(() => registry.readmit('plain:one'), { code: 'api.unknown_device' });
    await registry.forget('plain:two', never);
    const [adapter] = made;
    assert.ok(adapter);
    adapter.lamps = ['one'];
    adapter.events.emit('devices');
    assert.deepEqual(first.state.keys('device-hidden.'), [], 'a device that is gone needs no hiding');
    await registry.close();
  });

  it('forgets a device that cannot be told', async () => {
    const { registry } = build({ plain: { deaf: true } });
    await registry.start();
    await registry.forget('plain:one', never);
    assert.deepEqual(registry.devices(), []);
    await registry.close();
  });

  it('keeps what a device is permitted, over a restart', async () => {
    const first = build({ plain: {} });
    await first.registry.start();
    assert.deepEqual(first.registry.permissions('plain:one'), { rooms: null, rungs: null });
    first.registry.permit('plain:one', { rooms: null, rungs: ['person'] });
    assert.throws(() => first.registry.permit('plain:nobody', { rooms: null, rungs: null }), { code: 'api.unknown_device' });
    await first.registry.close();
    const { registry, state } = build({ plain: {} }, first.state);
    await registry.start();
    assert.deepEqual(registry.permissions('plain:one'), { rooms: null, rungs: ['person'] });
    registry.permit('plain:one', { rooms: null, rungs: null });
    assert.deepEqual(state.keys('device-permissions.'), []);
    await registry.close();
  });

  it('lets a device show itself, if it can', async () => {
    const { registry, made } = build({ plain: {} });
    await registry.start();
    await registry.identify('plain:one', never);
    assert.deepEqual(made[0]?.asked, ['identify plain:one']);
    Object.assign(made[0] ?? {}, { identify: undefined });
    await assert.rejects(registry.identify('plain:one', never), { code: 'device.no_identify' });
    await assert.rejects(registry.identify('plain:two', never), { code: 'api.unknown_device' });
    await registry.close();
  });

  it('looks around with every adapter, and says what is paired already', async () => {
    const { registry, discovery, vaults } = build({ plain: {} });
    await registry.start();
    discovery.services.set('plain', [
      { name: 'hardware', addresses: ['10.0.0.5'], port: 1, txt: {} },
      { name: 'other', addresses: ['10.0.0.6'], port: 1, txt: {} },
      { name: 'other', addresses: ['10.0.0.6'], port: 1, txt: {} },
    ]);
    vaults.get('plain')?.set('key', '10.0.0.5');
    const { candidates, failed } = await registry.discover(never);
    assert.deepEqual(
      candidates.filter(({ adapter }) => adapter === 'plain').map(({ id, host, paired }) => [id, host, paired]),
      [
        ['hardware', '10.0.0.5', true],
        ['other', '10.0.0.6', false],
      ],
    );
    assert.deepEqual(failed, []);
    await assert.rejects(registry.discover(AbortSignal.abort(new Error('enough'))), { message: 'enough' });
    await registry.close();
  });

  it('ends a pairing, and leaves no credential of it', async () => {
    const { registry, made, vaults } = build({ plain: {} });
    await registry.start();
    await registry.pair('plain', { host: '10.0.0.5', signal: never, onProgress: () => {} });
    assert.deepEqual(await registry.paired('plain'), [{ id: 'hardware', name: 'Hardware', host: '10.0.0.5' }]);
    await assert.rejects(registry.unpair('plain', { id: 'nobody', signal: never }), { code: 'adapter.not_paired' });
    const { host } = await registry.unpair('plain', { id: 'hardware', signal: never });
    assert.equal(host, '10.0.0.5');
    assert.equal(vaults.get('plain')?.secrets.size, 0);
    assert.equal(made.length, 3, 'the adapter has begun anew without it');
    await registry.close();
  });
});
