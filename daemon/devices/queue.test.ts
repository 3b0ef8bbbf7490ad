import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { type ErrorCode, RoomtoneError } from '../api/errors.ts';
import type { DeviceGroup, LaneLimits, PaceLimits } from './adapter.ts';
import type { Command, GroupCommand, QueueEvent } from './command.ts';
import type { Attributes, DeviceId } from './device.ts';
import { CommandQueue, type CommandRoutes, type QueueLimits } from './queue.ts';

const TERMINAL = new Set(['acked', 'dropped', 'failed']);
const wide: LaneLimits = { rate: 1000, burst: 1000, inFlight: 100 };

interface Call {
  command: Command;
  signal: AbortSignal;
  resolve(): void;
  reject(code: ErrorCode): void;
}

/** Devices `a:1`, `a:2`, ... in one lane per adapter, that answer when the test says so. */
class Bench implements CommandRoutes {
  readonly events = new EventEmitter<{ availability: [{ device: DeviceId; available: boolean }] }>();
  readonly clock = new FakeClock();
  readonly calls: Call[] = [];
  readonly seen: QueueEvent[] = [];
  readonly away = new Set<DeviceId>();
  readonly flying = new Set<DeviceId>();
  mostFlying = 0;
  readonly queue: CommandQueue;
  answer: ((call: Call) => void) | undefined;
  groupsOf: DeviceGroup[] = [];
  perDevice: PaceLimits | undefined;
  readonly groupCalls: (Omit<Call, 'command'> & { command: GroupCommand })[] = [];
  #limits: LaneLimits;
  #ids = 0;

  constructor(limits: LaneLimits = wide, queueLimits: Partial<QueueLimits> = {}) {
    this.#limits = limits;
    this.queue = new CommandQueue({
      log: pino({ level: 'silent' }),
      clock: this.clock,
      random: () => 0.5,
      routes: this,
      limits: queueLimits,
    });
    this.queue.events.on('event', (event) => this.seen.push(event));
    void this.queue.start();
  }

  route(device: DeviceId) {
    if (device.startsWith('nobody:')) throw new RoomtoneError('api.unknown_device', { params: { device } });
    return { key: device.split(':')[0] ?? '', limits: this.#limits, ...(this.perDevice ? { perDevice: this.perDevice } : {}) };
  }

  groups(device: DeviceId): DeviceGroup[] {
    return this.groupsOf.filter(({ members }) => members.includes(device));
  }

  applyToGroup(command: GroupCommand, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.groupCalls.push({ command, signal, resolve, reject: (code) => reject(new RoomtoneError(code)) });
    return promise;
  }

  available(device: DeviceId): boolean {
    return !this.away.has(device);
  }

  apply(command: Command, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call: Call = { command, signal, resolve, reject: (code) => reject(new RoomtoneError(code)) };
    this.calls.push(call);
    this.#countFlying(command, promise, signal);
    this.answer?.(call);
    return promise;
  }

  /** What the queue counts as on its way: until an answer, or until it gave up on one. */
  #countFlying({ device }: Command, answer: Promise<void>, signal: AbortSignal): void {
    assert.ok(!this.flying.has(device), `${device} was spoken to before it answered`);
    this.flying.add(device);
    this.mostFlying = Math.max(this.mostFlying, [...this.flying].filter((each) => each.startsWith(device[0] ?? '')).length);
    const landed = () => this.flying.delete(device);
    signal.addEventListener('abort', landed);
    answer.then(landed, landed);
  }

  submit(device: DeviceId, attributes: Attributes, cause: string[] = ['claim']): string {
    this.#ids += 1;
    const id = `c${this.#ids}`;
    this.queue.submit({ id, device, attributes, transition: 0, cause });
    return id;
  }

  return(device: DeviceId): void {
    this.away.delete(device);
    this.events.emit('availability', { device, available: true });
  }

  /** Phases (and reasons) that a command went through. */
  course(id: string): string[] {
    return this.seen.filter((each) => each.command.id === id).map(({ phase, reason }) => (reason ? `${phase} ${reason}` : phase));
  }

  call(index: number): Call {
    const call = this.calls.at(index);
    assert.ok(call, `no call ${index}`);
    return call;
  }
}

describe('command queue', () => {
  it('carries a command and says how it went', async () => {
    const bench = new Bench();
    const id = bench.submit('a:1', { on: true });
    assert.deepEqual(bench.course(id), ['queued', 'sent']);
    bench.call(0).resolve();
    await bench.clock.advanceAsync(0);
    assert.deepEqual(bench.course(id), ['queued', 'sent', 'acked']);
    assert.deepEqual(bench.queue.load, { waiting: 0, flying: 0 });
    assert.equal(bench.clock.pending, 0);
  });

  it('merges what waits, newest attribute first, and keeps all causes', async () => {
    const bench = new Bench();
    const first = bench.submit('a:1', { on: true });
    const second = bench.submit('a:1', { brightness: 20, color: { x: 0.3, y: 0.3 } }, ['mood']);
    const third = bench.submit('a:1', { brightness: 60, colorTemperature: 2700 }, ['scene']);
    assert.equal(bench.calls.length, 1);
    bench.call(0).resolve();
    await bench.clock.advanceAsync(0);
    assert.deepEqual(bench.call(1).command.attributes, { brightness: 60, colorTemperature: 2700 });
    assert.deepEqual(bench.call(1).command.cause, ['mood', 'scene']);
    assert.deepEqual(bench.course(first), ['queued', 'sent', 'acked']);
    assert.deepEqual(bench.course(second), ['queued', 'dropped superseded']);
    assert.deepEqual(bench.course(third), ['queued', 'sent']);
    await bench.queue.close();
  });

  it('sends no brightness along with off', async () => {
    const bench = new Bench();
    bench.away.add('a:1');
    bench.submit('a:1', { brightness: 20, color: { x: 0.3, y: 0.3 } });
    bench.submit('a:1', { on: false });
    bench.return('a:1');
    assert.deepEqual(bench.call(0).command.attributes, { on: false });
    await bench.queue.close();
  });

  it('keeps to rate, burst and the cap on answers awaited', async () => {
    const bench = new Bench({ rate: 10, burst: 2, inFlight: 3 });
    for (let n = 1; n <= 6; n += 1) bench.submit(`a:${n}`, { on: true });
    assert.equal(bench.calls.length, 2);
    await bench.clock.advanceAsync(100);
    assert.equal(bench.calls.length, 3);
    await bench.clock.advanceAsync(1000);
    assert.equal(bench.calls.length, 3, 'three answers are awaited');
    bench.call(0).resolve();
    bench.call(1).resolve();
    await bench.clock.advanceAsync(0);
    assert.equal(bench.calls.length, 5);
    await bench.queue.close();
  });

  it('serves devices of a lane in turn, however much one is spoken to', async () => {
    const bench = new Bench({ rate: 10, burst: 1, inFlight: 1 });
    bench.answer = (call) => call.resolve();
    const chatter = bench.clock.every(10, () => bench.submit('a:1', { brightness: 50 }));
    bench.submit('a:2', { on: true });
    bench.submit('a:3', { on: true });
    await bench.clock.advanceAsync(2000);
    chatter.cancel();
    const served = bench.calls.slice(0, 3).map(({ command }) => command.device);
    assert.deepEqual(new Set(served), new Set(['a:1', 'a:2', 'a:3']));
    await bench.queue.close();
  });

  it('tries again after errors that may pass, with growing pauses, and then gives up', async () => {
    const bench = new Bench(wide, { attempts: 3, firstRetry: 200 });
    bench.answer = (call) => call.reject('device.unreachable');
    const id = bench.submit('a:1', { on: true });
    await bench.clock.advanceAsync(149);
    assert.equal(bench.calls.length, 1);
    await bench.clock.advanceAsync(1);
    assert.equal(bench.calls.length, 2);
    await bench.clock.advanceAsync(299);
    assert.equal(bench.calls.length, 2);
    await bench.clock.advanceAsync(1);
    assert.deepEqual(bench.course(id), ['queued', 'sent', 'sent', 'sent', 'failed device.unreachable']);
    assert.equal(bench.clock.pending, 0);
  });

  it('what failed while a newer command waited goes along with that one', async () => {
    const bench = new Bench();
    const older = bench.submit('a:1', { brightness: 30, volume: 5 });
    const newer = bench.submit('a:1', { brightness: 60 });
    bench.call(0).reject('device.unreachable');
    await bench.clock.advanceAsync(1000);
    assert.deepEqual(bench.call(1).command.attributes, { brightness: 60, volume: 5 });
    assert.deepEqual(bench.course(older), ['queued', 'sent', 'dropped superseded']);
    assert.deepEqual(bench.course(newer), ['queued', 'sent']);
    await bench.queue.close();
  });

  it('does not try again what cannot succeed', async () => {
    const bench = new Bench();
    bench.answer = (call) => call.reject('device.refused');
    const id = bench.submit('a:1', { on: true });
    await bench.clock.advanceAsync(0);
    assert.deepEqual(bench.course(id), ['queued', 'sent', 'failed device.refused']);
  });

  it('slows the whole lane down when told so, and no other lane', async () => {
    const bench = new Bench(wide, { firstRetry: 1000 });
    const first = bench.submit('a:1', { on: true });
    bench.call(0).reject('device.rate_limited');
    await bench.clock.advanceAsync(0);
    bench.submit('a:2', { on: true });
    bench.submit('b:1', { on: true });
    assert.deepEqual(
      bench.calls.map(({ command }) => command.device),
      ['a:1', 'b:1'],
    );
    await bench.clock.advanceAsync(750);
    assert.equal(bench.calls.length, 4);
    bench.call(2).resolve();
    await bench.clock.advanceAsync(0);
    assert.deepEqual(bench.course(first), ['queued', 'sent', 'sent', 'acked']);
    await bench.queue.close();
  });

  it('a storm of "slow down" ends with the time to live, not before', async () => {
    const bench = new Bench(wide, { attempts: 2, timeToLive: 30_000 });
    bench.answer = (call) => call.reject('device.rate_limited');
    const id = bench.submit('a:1', { on: true });
    await bench.clock.advanceAsync(29_999);
    assert.ok(!bench.course(id).some((each) => each.startsWith('dropped')));
    await bench.clock.advanceAsync(1);
    assert.equal(bench.course(id).at(-1), 'dropped expired');
    assert.ok(bench.calls.length < 15, `asked ${bench.calls.length} times in half a minute`);
  });

  it('gives up waiting for an answer, and ignores one that comes late', async () => {
    const bench = new Bench(wide, { attempts: 1, answerWithin: 5000 });
    const id = bench.submit('a:1', { on: true });
    await bench.clock.advanceAsync(5000);
    assert.ok(bench.call(0).signal.aborted);
    bench.call(0).resolve();
    await bench.clock.advanceAsync(0);
    assert.deepEqual(bench.course(id), ['queued', 'sent', 'failed device.timeout']);
  });

  it('a hand takes back what waits, and stops what is on its way from being tried again', async () => {
    const bench = new Bench();
    const flying = bench.submit('a:1', { brightness: 30 });
    const waiting = bench.submit('a:1', { brightness: 40 });
    bench.queue.cancel('a:1', ['on', 'brightness']);
    assert.deepEqual(bench.course(waiting), ['queued', 'dropped hand']);
    bench.call(0).reject('device.unreachable');
    await bench.clock.advanceAsync(60_000);
    assert.deepEqual(bench.course(flying), ['queued', 'sent', 'dropped hand']);
  });

  it('a hand on one attribute leaves the others', async () => {
    const bench = new Bench();
    bench.away.add('a:1');
    bench.submit('a:1', { brightness: 30, colorTemperature: 2700 });
    bench.queue.cancel('a:1', ['brightness']);
    bench.return('a:1');
    assert.deepEqual(bench.call(0).command.attributes, { colorTemperature: 2700 });
    await bench.queue.close();
  });

  it('waits for a device that is away, but not for ever', async () => {
    const bench = new Bench(wide, { timeToLive: 10_000 });
    bench.away.add('a:1').add('a:2');
    const late = bench.submit('a:1', { on: true });
    const lost = bench.submit('a:2', { on: true });
    await bench.clock.advanceAsync(9000);
    bench.return('a:1');
    assert.deepEqual(bench.course(late), ['queued', 'sent']);
    await bench.clock.advanceAsync(1000);
    assert.deepEqual(bench.course(lost), ['queued', 'dropped expired']);
    await bench.queue.close();
  });

  it('fails at once for a device nobody knows', () => {
    const bench = new Bench();
    assert.deepEqual(bench.course(bench.submit('nobody:1', { on: true })), ['failed api.unknown_device']);
  });

  it('closes at once: what waits is dropped, what is on its way aborted, no timer left', async () => {
    const bench = new Bench();
    const flying = bench.submit('a:1', { on: true });
    const waiting = bench.submit('a:1', { brightness: 10 });
    await bench.queue.close();
    await bench.queue.close();
    assert.ok(bench.call(0).signal.aborted);
    assert.deepEqual(bench.course(flying), ['queued', 'sent', 'dropped closed']);
    assert.deepEqual(bench.course(waiting), ['queued', 'dropped closed']);
    assert.deepEqual(bench.course(bench.submit('a:1', { on: false })), ['dropped closed']);
    assert.equal(bench.clock.pending, 0);
    assert.equal(bench.events.listenerCount('availability'), 0);
  });
});

const device = fc.constantFrom<DeviceId>('a:1', 'a:2', 'a:3', 'b:1');
const attributes = fc
  .record({ brightness: fc.nat(100), colorTemperature: fc.integer({ min: 2000, max: 6500 }), volume: fc.nat(100) }, { requiredKeys: [] })
  .filter((each) => Object.keys(each).length > 0);
const submission = fc.record({ do: fc.constant('submit' as const), device, attributes });
const passing = fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4000 }) });
const step = fc.oneof(
  { weight: 5, arbitrary: submission },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hand' as const, 'away' as const, 'return' as const), device }) },
  { weight: 3, arbitrary: passing },
);
const outcome = fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'device.unreachable', 'device.rate_limited', 'device.refused', 'never');
const tight: LaneLimits = { rate: 4, burst: 2, inFlight: 2 };

type Outcome = ErrorCode | 'ok' | 'never';
type Step =
  | { do: 'submit'; device: DeviceId; attributes: Attributes }
  | { do: 'hand' | 'away' | 'return'; device: DeviceId }
  | { do: 'pass'; ms: number };

async function play(steps: Step[], outcomes: Outcome[]): Promise<Bench> {
  const bench = new Bench(tight, { timeToLive: 40_000, attempts: 20 });
  bench.answer = (call) => {
    const result = outcomes[(bench.calls.length - 1) % outcomes.length];
    if (result === 'never') return;
    // Late enough for newer commands to come meanwhile.
    const timer = bench.clock.after(700, () => (result === undefined || result === 'ok' ? call.resolve() : call.reject(result)));
    call.signal.addEventListener('abort', () => timer.cancel());
  };
  for (const each of steps) await take(bench, each);
  for (const id of [...bench.away]) bench.return(id);
  return bench;
}

async function take(bench: Bench, each: Step): Promise<void> {
  switch (each.do) {
    case 'submit':
      bench.submit(each.device, each.attributes);
      break;
    case 'hand':
      bench.queue.cancel(each.device, ['on', 'brightness']);
      break;
    case 'away':
      bench.away.add(each.device);
      break;
    case 'return':
      bench.return(each.device);
      break;
    case 'pass':
      await bench.clock.advanceAsync(each.ms);
  }
}

describe('command queue, whatever happens', () => {
  const script = { steps: fc.array(step, { maxLength: 60 }), outcomes: fc.array(outcome, { minLength: 1, maxLength: 12 }) };

  it('ends every command exactly once, and leaves no timer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...script, closeEarly: fc.boolean() }), async ({ steps, outcomes, closeEarly }) => {
        const bench = await play(steps, outcomes);
        if (closeEarly) await bench.queue.close();
        else await bench.clock.advanceAsync(120_000);
        const ends = new Map<string, number>();
        for (const { phase, command } of bench.seen) ends.set(command.id, (ends.get(command.id) ?? 0) + (TERMINAL.has(phase) ? 1 : 0));
        assert.ok([...ends.values()].every((count) => count === 1));
        assert.equal(ends.size, steps.filter((each) => each.do === 'submit').length);
        assert.equal(bench.clock.pending, 0);
        await bench.queue.close();
      }),
      { numRuns: 200 },
    );
  });

  it('never exceeds rate or answers awaited, and speaks to one device about one thing at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(script), async ({ steps, outcomes }) => {
        const bench = await play(steps, outcomes);
        await bench.clock.advanceAsync(60_000);
        for (const lane of ['a', 'b']) assertRate(bench.seen.filter(({ command }) => command.device.startsWith(lane)));
        assert.ok(bench.mostFlying <= tight.inFlight);
        await bench.queue.close();
      }),
      { numRuns: 200 },
    );
  });

  it('brings every device to the newest value of each attribute, if devices answer in the end', async () => {
    const passes = fc.constantFrom<Outcome>('ok', 'ok', 'device.unreachable', 'device.rate_limited');
    const calm = {
      steps: fc.array(fc.oneof(submission, passing), { maxLength: 20 }),
      outcomes: fc.array(passes, { maxLength: 8 }).map((each): Outcome[] => [...each, 'ok', 'ok', 'ok']),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(calm), async ({ steps, outcomes }) => {
        const bench = await play(steps, outcomes);
        await bench.clock.advanceAsync(60_000);
        const wished = fold(steps.filter((each) => each.do === 'submit'));
        const reached = fold(bench.seen.filter(({ phase }) => phase === 'acked').map(({ command }) => command));
        assert.deepEqual(reached, wished);
        await bench.queue.close();
      }),
      { numRuns: 200 },
    );
  });
});

function assertRate(events: QueueEvent[]): void {
  const sent = events.filter(({ phase }) => phase === 'sent').map(({ at }) => at);
  for (const [index, from] of sent.entries()) {
    for (const [later, to] of sent.slice(index).entries()) {
      assert.ok(later + 1 <= tight.burst + ((to - from) * tight.rate) / 1000 + 1e-6, `${later + 1} sent within ${to - from} ms`);
    }
  }
}

/** Where devices end that take each of these in turn. */
function fold(taken: Pick<Command, 'device' | 'attributes'>[]): Record<DeviceId, Attributes> {
  const devices: Record<DeviceId, Attributes> = {};
  for (const { device, attributes } of taken) devices[device] = { ...devices[device], ...attributes };
  return devices;
}

describe('commands for a whole group', () => {
  const members = ['a:1', 'a:2', 'a:3'] as const;
  const pace = { rate: 1, burst: 1 };
  const withGroup = (limits?: LaneLimits) => {
    const bench = new Bench(limits);
    bench.groupsOf = [{ id: 'zone', members, pace }];
    return bench;
  };

  it('go as one when all members are to become the same, and each says how it went', async () => {
    const bench = withGroup();
    const ids = members.map((device) => bench.submit(device, { brightness: 20 }));
    await bench.clock.advanceAsync(0);
    assert.equal(bench.calls.length, 0);
    assert.deepEqual(
      bench.groupCalls.map(({ command: { group, attributes, commands } }) => [group, attributes, commands.map(({ id }) => id)]),
      [['zone', { brightness: 20 }, ids]],
    );
    bench.groupCalls[0]?.resolve();
    await bench.clock.advanceAsync(0);
    for (const id of ids) assert.deepEqual(bench.course(id), ['queued', 'sent', 'acked']);
    const { calls, groupCalls, acked } = bench.queue.metrics;
    assert.deepEqual({ calls, groupCalls, acked }, { calls: 1, groupCalls: 1, acked: 3 });
    assert.equal(bench.clock.pending, 0);
  });

  it('go one by one when one differs, is missing or away, and when the group has just been spoken to', async () => {
    const bench = withGroup();
    bench.answer = ({ resolve }) => resolve();
    bench.submit('a:1', { brightness: 20 });
    bench.submit('a:2', { brightness: 20 });
    bench.submit('a:3', { brightness: 21 });
    await bench.clock.advanceAsync(0);
    assert.deepEqual([bench.calls.length, bench.groupCalls.length], [3, 0]);
    bench.submit('a:1', { brightness: 30 });
    bench.submit('a:2', { brightness: 30 });
    await bench.clock.advanceAsync(0);
    assert.deepEqual([bench.calls.length, bench.groupCalls.length], [5, 0]);
    bench.away.add('a:3');
    for (const device of members) bench.submit(device, { brightness: 40 });
    await bench.clock.advanceAsync(0);
    assert.deepEqual([bench.calls.length, bench.groupCalls.length], [7, 0]);
    bench.return('a:3');
    await bench.clock.advanceAsync(0);
    for (const device of members) bench.submit(device, { brightness: 50 });
    await bench.clock.advanceAsync(0);
    bench.groupCalls[0]?.resolve();
    await bench.clock.advanceAsync(0);
    for (const device of members) bench.submit(device, { brightness: 60 });
    await bench.clock.advanceAsync(0);
    assert.deepEqual([bench.calls.length, bench.groupCalls.length], [11, 1], 'one group command a second');
  });

  it('fall apart when a person takes one member, and are tried again when they fail', async () => {
    const bench = withGroup();
    const ids = members.map((device) => bench.submit(device, { on: true, brightness: 20 }));
    await bench.clock.advanceAsync(0);
    bench.queue.cancel('a:2', ['on', 'brightness']);
    bench.groupCalls[0]?.reject('device.timeout');
    await bench.clock.advanceAsync(500);
    assert.deepEqual(bench.course(ids[1] ?? ''), ['queued', 'sent', 'dropped hand']);
    assert.deepEqual(
      bench.calls.map(({ command }) => command.device),
      ['a:1', 'a:3'],
    );
    await bench.queue.close();
    assert.equal(bench.clock.pending, 0);
  });

  it('are one call to the lane, and one answer that is missing times all of them out', async () => {
    const bench = withGroup({ rate: 1, burst: 1, inFlight: 1 });
    const ids = members.map((device) => bench.submit(device, { brightness: 20 }));
    const other = bench.submit('a:4', { brightness: 1 });
    await bench.clock.advanceAsync(1000);
    assert.deepEqual(bench.queue.load, { waiting: 1, flying: 1 });
    await bench.clock.advanceAsync(9000);
    assert.equal(bench.groupCalls[0]?.signal.aborted, true);
    assert.deepEqual(bench.course(other), ['queued', 'sent']);
    assert.deepEqual(bench.course(ids[0] ?? ''), ['queued', 'sent']);
    await bench.queue.close();
    for (const id of [...ids, other]) assert.match(bench.course(id).at(-1) ?? '', /dropped closed/);
    assert.equal(bench.clock.pending, 0);
  });
});

describe('a single device', () => {
  it('is asked no more often than it bears, whatever its lane does', async () => {
    const bench = new Bench();
    bench.perDevice = { rate: 2, burst: 1 };
    bench.answer = ({ resolve }) => resolve();
    for (let brightness = 1; brightness <= 20; brightness += 1) {
      bench.submit('a:1', { brightness });
      bench.submit('a:2', { brightness });
      await bench.clock.advanceAsync(100);
    }
    await bench.clock.advanceAsync(1000);
    const times = bench.seen.filter(({ phase, command }) => phase === 'sent' && command.device === 'a:1').map(({ at }) => at);
    assert.ok(times.length >= 4);
    for (const [index, at] of times.entries()) if (index > 0) assert.ok(at - (times[index - 1] ?? 0) >= 500);
    assert.equal(bench.calls.at(-1)?.command.attributes.brightness, 20);
  });

  it('that is forgotten gets nothing more', async () => {
    const bench = new Bench();
    const flying = bench.submit('a:1', { brightness: 10 });
    const waiting = bench.submit('a:1', { brightness: 20 });
    bench.queue.forget('a:1');
    bench.call(0).reject('device.timeout');
    await bench.clock.advanceAsync(60_000);
    assert.deepEqual(bench.course(waiting), ['queued', 'dropped forgotten']);
    assert.deepEqual(bench.course(flying), ['queued', 'sent', 'dropped hand']);
    assert.equal(bench.calls.length, 1);
    assert.equal(bench.clock.pending, 0);
  });

  it('shows in the metrics how long its commands waited, and why they ended', async () => {
    const bench = new Bench({ rate: 1, burst: 1, inFlight: 1 });
    bench.answer = ({ resolve }) => resolve();
    bench.submit('a:1', { on: true });
    bench.submit('a:2', { on: true });
    bench.submit('a:2', { on: false });
    await bench.clock.advanceAsync(1000);
    assert.deepEqual(bench.queue.metrics.wait, { p50: 0, p95: 1000 });
    assert.deepEqual(bench.queue.metrics.dropped, { superseded: 1 });
    bench.answer = ({ reject }) => reject('device.refused');
    bench.submit('a:3', { on: true });
    await bench.clock.advanceAsync(1000);
    assert.deepEqual(bench.queue.metrics.failed, { 'device.refused': 1 });
  });
});
