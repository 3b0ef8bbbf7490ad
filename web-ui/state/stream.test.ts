import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { BACKOFF } from './backoff.ts';
import { sampleHouse } from './house.sample.ts';
import type { LiveEvent } from './reduce.ts';
import { type Connection, type EventSourceLike, LiveStream, PATIENCE } from './stream.ts';

/** Stands where the browser's EventSource would. */
class Wire implements EventSourceLike {
  closed = false;
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  emit(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data) });
  }
}

function setUp(probe: () => Promise<boolean> = async () => true) {
  const clock = new FakeClock();
  const wires: Wire[] = [];
  const connections: Connection[] = [];
  const events: LiveEvent[] = [];
  let signedOut = 0;
  const stream = new LiveStream({
    clock,
    random: () => 1,
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire;
    },
    probe,
    onEvent: (event) => events.push(event),
    onConnection: (connection) => connections.push(connection),
    onSignedOut: () => signedOut++,
  });
  const wire = (): Wire => wires.at(-1) ?? assert.fail('no stream is open');
  return { clock, stream, wires, wire, connections, events, signedOut: () => signedOut, phase: () => connections.at(-1)?.phase };
}

test('it is live once the full picture came, not when the socket opened', () => {
  const { stream, wire, phase, events } = setUp();
  stream.start();
  wire().emit('open');
  assert.equal(phase(), 'connecting');
  wire().emit('house', sampleHouse());
  assert.equal(phase(), 'live');
  assert.equal(events[0]?.type, 'house');
  stream.close();
});

test('after a loss it tries again by itself, each time later, and at once when asked', async () => {
  const { clock, stream, wire, wires, phase, connections } = setUp(() => Promise.reject(new Error('no network')));
  stream.start();
  wire().emit('error');
  assert.deepEqual(connections.at(-1), { phase: 'offline', lastHeard: null, retryAt: clock.wall() + BACKOFF.first });
  assert.equal(wires[0]?.closed, true);
  await clock.advanceAsync(BACKOFF.first);
  assert.equal(wires.length, 2);
  wire().emit('error');
  await clock.advanceAsync(BACKOFF.first);
  assert.equal(wires.length, 2);
  stream.retryNow();
  stream.retryNow();
  assert.equal(wires.length, 3);
  wire().emit('house', sampleHouse());
  assert.equal(phase(), 'live');
  await clock.advanceAsync(2 * BACKOFF.first);
  assert.equal(wires.length, 3);
  stream.close();
});

test('success forgets the failures before it', async () => {
  const { clock, stream, wire, connections } = setUp(() => Promise.reject(new Error('no network')));
  stream.start();
  for (let i = 0; i < 4; i++) {
    wire().emit('error');
    await clock.advanceAsync(BACKOFF.longest);
  }
  wire().emit('house', sampleHouse());
  wire().emit('error');
  assert.deepEqual(connections.at(-1), { phase: 'offline', lastHeard: clock.wall(), retryAt: clock.wall() + BACKOFF.first });
  stream.close();
});

test('a session that is over is told apart from a lost network', async () => {
  const { clock, stream, wire, signedOut } = setUp(async () => false);
  stream.start();
  wire().emit('error');
  await clock.advanceAsync(0);
  assert.equal(signedOut(), 1);
  stream.close();
});

test('silence is followed by a question; an answer keeps the stream, none ends it', async () => {
  let answers = true;
  const { clock, stream, wire, wires, phase } = setUp(async () => {
    if (!answers) throw new Error('no network');
    return true;
  });
  stream.start();
  wire().emit('house', sampleHouse());
  await clock.advanceAsync(2 * PATIENCE.silence);
  assert.equal(phase(), 'live');
  assert.equal(wires.length, 1);
  answers = false;
  await clock.advanceAsync(PATIENCE.silence + PATIENCE.check);
  assert.equal(phase(), 'offline');
  assert.equal(wires[0]?.closed, true);
  stream.close();
});

test('a connection that never delivers is given up', async () => {
  const { clock, stream, phase, wires } = setUp();
  stream.start();
  await clock.advanceAsync(PATIENCE.connect);
  assert.equal(phase(), 'offline');
  assert.equal(wires[0]?.closed, true);
  stream.close();
});

test('what a stream says after it was given up is not heard', () => {
  const { stream, wire, events, phase } = setUp();
  stream.start();
  const old = wire();
  old.emit('error');
  old.emit('house', sampleHouse());
  old.emit('error');
  assert.deepEqual(events, []);
  assert.equal(phase(), 'offline');
  stream.close();
});

test('closed, it leaves no timer and no stream, and can start anew', async () => {
  const { clock, stream, wire, wires } = setUp(() => Promise.reject(new Error('no network')));
  stream.start();
  stream.start();
  assert.equal(wires.length, 1);
  wire().emit('error');
  stream.close();
  stream.close();
  await clock.advanceAsync(BACKOFF.longest);
  assert.equal(clock.pending, 0);
  assert.equal(wires.length, 1);
  stream.start();
  assert.equal(wires.length, 2);
  stream.close();
  assert.equal(wire().closed, true);
});
