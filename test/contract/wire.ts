import assert from 'node:assert/strict';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Command } from '../../daemon/devices/command.ts';
import { CommandQueue } from '../../daemon/devices/queue.ts';
import type { AdapterHarness, Keeps, Wire } from './harness.ts';
import { isRetryable, near, soon, turns, type Watched } from './watched.ts';

/** What the network and a bridge in trouble can do to an adapter. */
export function describeWire(keeps: Keeps): void {
  const onWire = (what: string, test: (watched: Watched, harness: AdapterHarness, wire: Wire) => Promise<void>): void =>
    keeps(what, async (watched, harness) => {
      if (harness.wire) await test(watched, harness, harness.wire);
    });

  onWire('passes on that it asks too often, and does not ask again by itself', async (watched, { shows }, wire) => {
    if (!wire.limit) return;
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

  onWire('waits for an answer that is slow, and hears of a hand meanwhile', async (watched, { hand, shows }, wire) => {
    await watched.start();
    wire.slow(300);
    const applied = watched.apply({ brightness: 43 });
    await watched.report('brightness', near(43));
    hand({ brightness: 83 });
    await watched.report('brightness', near(83));
    await applied;
    assert.ok(near(83)(shows().brightness));
    assert.deepEqual([watched.availability, watched.problems], [[true], []], 'slow is not away');
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
