import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Command } from '../../daemon/devices/command.ts';
import { CommandQueue } from '../../daemon/devices/queue.ts';
import type { AdapterHarness, Wire } from './harness.ts';
import { near, Watched } from './watched.ts';

export type { AdapterHarness, Wire } from './harness.ts';

/** ms that a test may take: an adapter that never says what is waited for fails by it. */
const PATIENCE = 20_000;

type Test = (watched: Watched, harness: AdapterHarness) => Promise<void>;

/** What every adapter must do, whatever it speaks to. Call it from the adapter's own tests. */
export function adapterContract(name: string, build: () => Promise<AdapterHarness>): void {
  const keeps = (what: string, test: Test): void => {
    it(what, { timeout: PATIENCE }, async () => {
      const harness = await build();
      const watched = new Watched(harness.adapter, harness.lamp);
      try {
        await test(watched, harness);
      } finally {
        await harness.adapter.close();
        await harness.close();
      }
    });
  };

  describe(`${name} keeps the adapter contract`, () => {
    describeDevices(keeps);
    describeCommands(keeps);
    describeHands(keeps);
    describeEnds(keeps, build);
  });
  describe(`${name} keeps the adapter contract on a bad wire`, () => describeWire(keeps));
}

type Keeps = (what: string, test: Test) => void;

function describeDevices(keeps: Keeps): void {
  keeps('lists its devices, says that they are there, and reports how they stand', async (watched, { adapter, lamp }) => {
    await watched.start();
    const device = adapter.list().find(({ id }) => id === lamp);
    assert.equal(device?.adapter, adapter.id);
    assert.ok(device.id.startsWith(`${adapter.id}:`));
    assert.ok(device.name.length > 0);
    assert.ok(device.capabilities.on && device.capabilities.brightness);
    assert.equal((await watched.report('on', (value) => value === true)).kind, 'resync');
    const ids = adapter.list().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'no device is listed twice');
  });

  keeps('names the way to a device, the same every time, listed or not', async (watched, { adapter, lamp }) => {
    const route = adapter.route(lamp);
    const { key, limits } = route;
    assert.ok(key.startsWith(adapter.id));
    assert.ok(limits.rate > 0 && limits.burst >= 1 && limits.inFlight >= 1);
    await watched.start();
    assert.deepEqual(adapter.route(lamp), route);
    assert.ok(adapter.route(`${adapter.id}:nobody`).limits.rate > 0);
  });

  keeps('takes no listed device for gone, and none for gone before it has looked', async (watched, { adapter, lamp, wire }) => {
    if (wire) assert.equal(adapter.isGone(lamp), false);
    await watched.start();
    for (const { id } of adapter.list()) assert.equal(adapter.isGone(id), false);
  });

  keeps('names groups of devices that it lists, where it has any', async (watched, { adapter }) => {
    await watched.start();
    const listed = new Set(adapter.list().map(({ id }) => id));
    for (const { members, pace } of adapter.groups?.() ?? []) {
      assert.ok(pace.rate > 0 && pace.burst >= 1);
      for (const member of members) assert.ok(listed.has(member));
    }
    if (adapter.groups) assert.ok(adapter.applyToGroup, 'what names groups can speak to them');
  });

  keeps('lets a device show itself and leaves it as it was, where it can', async (watched, { adapter, lamp, shows }) => {
    await watched.start();
    if (!adapter.identify) return;
    const before = shows();
    await adapter.identify(lamp, new AbortController().signal);
    assert.deepEqual(shows(), before);
    assert.ok(watched.reports.every(({ origin, kind }) => origin !== 'external' || kind === 'resync'));
    await assert.rejects(adapter.identify(`${adapter.id}:nobody`, new AbortController().signal), RoomtoneError);
  });
}

function describeCommands(keeps: Keeps): void {
  keeps('carries out a command and reports it, never as a hand', async (watched, { shows }) => {
    await watched.start();
    await watched.apply({ brightness: 30 });
    assert.ok(near(30)(shows().brightness), `the lamp itself stands at ${shows().brightness}`);
    const report = await watched.report('brightness', near(30));
    assert.notEqual(report.origin, 'external');
    assert.equal(report.transitional, false);
    await watched.apply({ on: false });
    assert.equal(shows().on, false);
    await watched.report('on', (value) => value === false);
  });

  keeps('does what it can of a command, and nothing that was not asked', async (watched, { shows }) => {
    await watched.start();
    await watched.apply({ brightness: 40, volume: 10, setpoint: 20 });
    assert.ok(near(40)(shows().brightness));
    await watched.apply({ on: false });
    await watched.apply({ on: true });
    assert.equal(shows().on, true);
  });

  keeps('rejects a command that was called off before it went out, and does nothing', async (watched, { shows }) => {
    await watched.start();
    const calledOff = AbortSignal.abort(new RoomtoneError('api.closed'));
    await assert.rejects(watched.apply({ on: false }, calledOff), { code: 'api.closed' });
    assert.equal(shows().on, true);
  });

  keeps('rejects a command for a device it does not know, with a code', async (watched, { adapter }) => {
    await watched.start();
    const command = { ...watched.command({ on: true }), device: `${adapter.id}:nobody` as const };
    await assert.rejects(adapter.apply(command, new AbortController().signal), RoomtoneError);
  });

  keeps('rejects commands before it has started, with a code that allows another attempt', async (watched, { wire }) => {
    if (!wire) return;
    await assert.rejects(watched.apply({ on: true }), isRetryable);
  });

  keeps('does not do anything without a command', async (watched, { shows }) => {
    const before = shows();
    await watched.start();
    await watched.report('brightness', () => true);
    assert.deepEqual(shows(), before);
  });
}

function describeHands(keeps: Keeps): void {
  keeps("reports a person's change, never as our command", async (watched, { hand }) => {
    await watched.start();
    hand({ brightness: 80 });
    const report = await watched.report('brightness', near(80));
    assert.notEqual(report.origin, 'command');
    assert.equal(report.kind, 'event');
    assert.equal(report.transitional, false);
  });

  keeps('reports what a person does right after a command, and last', async (watched, { hand, shows }) => {
    await watched.start();
    await watched.apply({ brightness: 30 });
    hand({ brightness: 80 });
    await watched.report('brightness', near(80));
    assert.ok(near(80)(shows().brightness));
    assert.ok(near(80)(watched.reports.findLast(({ attribute }) => attribute === 'brightness')?.value));
  });

  keeps('says when a device is gone and when it is back, each once', async (watched, { adapter, lamp, cutPower, returnPower }) => {
    await watched.start();
    cutPower();
    await watched.available(false);
    assert.ok(
      adapter.list().some(({ id }) => id === lamp),
      'a device that is away is still listed',
    );
    assert.equal(adapter.isGone(lamp), false);
    returnPower();
    await watched.available(true);
    await watched.apply({ brightness: 20 });
    await watched.report('brightness', near(20));
    assert.deepEqual(watched.availability, [true, false, true]);
  });
}

function describeEnds(keeps: Keeps, build: () => Promise<AdapterHarness>): void {
  keeps('closes as often as asked, and leaves no timer', async (watched, { adapter, pendingTimers }) => {
    await watched.start();
    await watched.apply({ brightness: 10 }, undefined, 5);
    await adapter.close();
    await adapter.close();
    assert.equal(pendingTimers(), 0);
  });

  keeps('closes before it has started, and while it starts', async (_watched, { adapter, pendingTimers }) => {
    const unstarted = await build();
    await unstarted.adapter.close();
    assert.equal(unstarted.pendingTimers(), 0);
    await unstarted.close();
    const starting = adapter.start(new AbortController().signal).catch(() => {});
    await adapter.close();
    await starting;
    assert.equal(pendingTimers(), 0);
  });

  keeps('says nothing once it is closed, and takes no command', async (watched, { adapter, hand }) => {
    await watched.start();
    await watched.apply({ brightness: 60 }, undefined, 5);
    await adapter.close();
    const { words } = watched;
    hand({ brightness: 80 });
    await turns();
    assert.equal(watched.words, words);
    await assert.rejects(watched.apply({ on: true }), RoomtoneError);
  });

  keeps('leaves no socket, timer or child behind', async (_watched, unused) => {
    await unused.adapter.close();
    await unused.close();
    await turns();
    const before = openResources();
    const { adapter, lamp, wire, close } = await build();
    const again = new Watched(adapter, lamp);
    await again.start();
    await again.apply({ brightness: 70 }, undefined, 5);
    await adapter.close();
    if (wire) await soon(wire.disconnected(), 'the connections of a closed adapter are closed');
    await close();
    await turns();
    assert.deepEqual(openResources(), before);
  });
}

function describeWire(keeps: Keeps): void {
  const onWire = (what: string, test: (watched: Watched, harness: AdapterHarness, wire: Wire) => Promise<void>): void =>
    keeps(what, async (watched, harness) => {
      if (harness.wire) await test(watched, harness, harness.wire);
    });

  onWire('passes on that it asks too often, and does not ask again by itself', async (watched, { shows }, wire) => {
    await watched.start();
    const before = shows();
    wire.limit(1);
    await assert.rejects(watched.apply({ brightness: 33 }), { code: 'device.rate_limited' });
    await turns();
    assert.deepEqual(shows(), before);
    await watched.apply({ brightness: 34 });
    assert.ok(near(34)(shows().brightness));
  });

  onWire('answers rubbish with a code, and works again when it passes', async (watched, { shows }, wire) => {
    await watched.start();
    wire.garble();
    await assert.rejects(watched.apply({ brightness: 35 }), isCoded);
    wire.recover();
    await watched.available(true);
    await applyUntilTaken(watched, 36);
    assert.ok(near(36)(shows().brightness));
  });

  onWire('can be called off while it waits for an answer', async (watched, _harness, wire) => {
    await watched.start();
    wire.stall();
    const abort = new AbortController();
    const applied = watched.apply({ brightness: 37 }, abort.signal);
    await turns();
    abort.abort(new RoomtoneError('api.closed'));
    await assert.rejects(applied, { code: 'api.closed' });
  });

  onWire('gives up on an answer that does not come, and may be asked again', async (watched, _harness, wire) => {
    await watched.start();
    wire.stall();
    await assert.rejects(watched.apply({ brightness: 38 }), isRetryable);
    wire.recover();
    await watched.available(true);
    await applyUntilTaken(watched, 39);
  });

  onWire('closes although an answer is missing, and leaves no connection', async (watched, { adapter, pendingTimers }, wire) => {
    await watched.start();
    wire.stall();
    const applied = watched.apply({ brightness: 40 });
    const outcome = assert.rejects(applied, RoomtoneError);
    await turns();
    await adapter.close();
    await outcome;
    await soon(wire.disconnected(), 'the connections of a closed adapter are closed');
    assert.equal(pendingTimers(), 0);
  });

  onWire('notices a connection that is half open, and what happened meanwhile', async (watched, { hand }, wire) => {
    await watched.start();
    wire.freeze();
    await watched.available(false);
    hand({ brightness: 81 });
    const from = watched.reports.length;
    wire.recover();
    await watched.available(true);
    assert.equal((await watched.report('brightness', near(81), from)).kind, 'resync');
  });

  onWire(
    'says once that the bridge is away, and that it is back; tells what changed meanwhile',
    async (watched, { adapter, hand, lamp }, wire) => {
      await watched.start();
      await wire.unplug();
      await watched.available(false);
      await watched.until(() => watched.problems.length > 0);
      await assert.rejects(watched.apply({ brightness: 41 }), isRetryable);
      assert.ok(
        adapter.list().some(({ id }) => id === lamp),
        'the devices of a bridge that is away are still listed',
      );
      hand({ brightness: 82 });
      const from = watched.reports.length;
      await wire.plugIn();
      await watched.available(true);
      const report = await watched.report('brightness', near(82), from);
      assert.equal(report.kind, 'resync');
      assert.notEqual(report.origin, 'command');
      await watched.until(() => watched.problems.at(-1) === null);
      assert.deepEqual(watched.availability, [true, false, true]);
      assert.deepEqual(watched.problems, [watched.problems[0], null]);
    },
  );

  onWire('starts although the bridge is away, and finds it when it comes', async (watched, { adapter }, wire) => {
    await wire.unplug();
    await adapter.start(new AbortController().signal);
    await watched.until(() => watched.problems.length > 0);
    assert.deepEqual(watched.availability, []);
    await wire.plugIn();
    await watched.available(true);
  });

  onWire('is never asked for more than the hardware bears by a queue that keeps its limits', async (watched, harness, wire) => {
    await watched.start();
    const queue = queueFor(harness);
    await queue.start();
    const ended = new Set<string>();
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const commands = Array.from({ length: 60 }, (_, index) => watched.command({ brightness: 10 + index }));
    queue.events.on('event', ({ phase, command }) => {
      if (phase === 'acked' || phase === 'failed') ended.add(command.id);
      if (ended.has(commands.at(-1)?.id ?? '')) resolve();
    });
    for (const command of commands) {
      queue.submit(command);
      await turns();
    }
    await done;
    await queue.close();
    assert.equal(wire.limitHits(), 0);
    assert.ok(near(69)(harness.shows().brightness));
  });
}

function queueFor({ adapter }: AdapterHarness): CommandQueue {
  const routes = {
    events: adapter.events,
    route: (device: Command['device']) => adapter.route(device),
    available: () => true,
    apply: (command: Command, signal: AbortSignal) => adapter.apply(command, signal),
  };
  return new CommandQueue({ log: pino({ level: 'silent' }), clock: systemClock, random: () => 0.5, routes });
}

/** After a fault an adapter may need a moment; what it says until then must allow another attempt. */
async function applyUntilTaken(watched: Watched, brightness: number): Promise<void> {
  for (;;) {
    try {
      return await watched.apply({ brightness });
    } catch (error) {
      assert.ok(isRetryable(error));
      await turns();
    }
  }
}

const isCoded = (error: unknown): boolean => error instanceof RoomtoneError && error.fault !== 'us';

const isRetryable = (error: unknown): boolean => error instanceof RoomtoneError && error.retryable;

/** Lets everything that is ready to run do so, a few times over. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Before connections that nobody uses would run out by themselves (undici: 4 s). */
async function soon(done: Promise<void>, what: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = systemClock.after(3500, () => late.reject(new Error(what)));
  try {
    await Promise.race([done, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** What keeps the process alive: sockets, servers, timers, children. */
const openResources = (): string[] => process.getActiveResourcesInfo().sort();
