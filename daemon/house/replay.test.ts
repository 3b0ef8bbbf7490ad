import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromWeights } from '../mood/affect.ts';
import { EMOTIONS, type Emotion } from '../mood/emotion.ts';
import type { LogEntry } from '../mood/log.ts';
import { Replay, type ReplayEvent, type ReplayOptions } from './replay.ts';

function face(emotion: Emotion, at: number, room = 'den'): LogEntry {
  const probabilities = fromWeights((each) => (each === emotion ? 24 : 1));
  const common = { v: 1, id: `f${at}`, source: `cam-${room}`, confidence: 0.8, quality: 0.9 } as const;
  return { observation: { ...common, modality: 'face', room, at, track: 1, people: 1, probabilities } };
}

function presence(occupied: boolean, at: number): LogEntry {
  const common = { v: 1, id: `p${at}`, room: 'den', source: 'pir', confidence: 1, quality: 1 } as const;
  return { observation: { ...common, modality: 'presence', at, occupied, people: 0 } };
}

function replayed(entries: readonly LogEntry[], options: ReplayOptions = {}): ReplayEvent[] {
  const replay = new Replay(options);
  return [...entries.flatMap((entry) => replay.take(entry)), ...replay.end()];
}

const smiles = Array.from({ length: 300 }, (_, i) => face('happiness', 5000 + i * 200));

const entry = fc.record({
  emotion: fc.constantFrom(...EMOTIONS),
  room: fc.constantFrom('den', 'attic'),
  after: fc.integer({ min: -300, max: 20_000 }),
  kind: fc.constantFrom('face', 'face', 'face', 'presence', 'hand'),
});

describe('replay', () => {
  test('the same log gives the same events, to the byte', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (steps) => {
        let at = 1000;
        const entries = steps.map(({ emotion, room, after, kind }): LogEntry => {
          at += after;
          if (kind === 'presence') return presence(after % 2 === 0, at);
          if (kind === 'hand') return { hand: { device: `virtual:${room}`, attribute: 'brightness', value: Math.abs(after) % 100, at } };
          return face(emotion, at, room);
        });
        assert.equal(JSON.stringify(replayed(entries)), JSON.stringify(replayed(entries)));
      }),
      { numRuns: 30 },
    );
  });

  test('a mood becomes a command, by the policy that comes with the program', () => {
    const events = replayed(smiles);
    const labels = events.flatMap((event) => ('mood' in event ? [event.mood.label] : []));
    assert.equal(labels.at(-1), 'cheerful');
    const commands = events.flatMap((event) => ('command' in event ? [event] : []));
    assert.ok(commands.length > 0);
    assert.ok(commands.every(({ command }) => command.device === 'virtual:den' && command.cause.length > 0));
    const changed = events.findIndex((event) => 'mood' in event && event.mood.label === 'cheerful');
    assert.ok(commands.some(({ at }) => at >= (events[changed]?.at ?? Number.POSITIVE_INFINITY)));
  });

  test('moods that say the same come once a second at most', () => {
    // What is held back at the end comes then, however soon that is.
    const moods = replayed(smiles).filter((event) => 'mood' in event && event.at < 64_800) as Extract<ReplayEvent, { mood: unknown }>[];
    const plain = moods.filter(({ mood }, i) => {
      const before = i > 0 ? moods[i - 1]?.mood : undefined;
      return before?.label === mood.label && before.emotion === mood.emotion && before.occupancy === mood.occupancy;
    });
    assert.ok(plain.every(({ at }, i) => i === 0 || at - (plain[i - 1]?.at ?? 0) >= 1000));
    assert.ok(moods.length >= 55);
  });

  test('a hand on a lamp is left alone', () => {
    const settled = smiles.concat({ hand: { device: 'virtual:den', attribute: 'brightness', value: 3, at: 65_000 } });
    const later = Array.from({ length: 600 }, (_, i) => face('anger', 66_000 + i * 200));
    const commands = replayed([...settled, ...later]).flatMap((event) => ('command' in event && event.at > 65_000 ? [event.command] : []));
    assert.ok(commands.length > 0, 'the color still follows');
    assert.ok(commands.every(({ attributes }) => !('brightness' in attributes)));
  });

  test('an entry that is late arrives late, and truth changes nothing', () => {
    const truth: LogEntry = { truth: { room: 'den', at: 5100, label: 'low', emotion: 'sadness' } };
    assert.deepEqual(
      replayed([face('happiness', 5000), truth, face('happiness', 5200)]),
      replayed([face('happiness', 5000), face('happiness', 5200)]),
    );
    assert.doesNotThrow(() => replayed([face('happiness', 5000), face('anger', 4000)]));
  });

  test('the time of day is the one of the log', () => {
    const zero = Date.UTC(2026, 9, 1);
    const [first] = replayed([face('happiness', 5000)], { zero });
    assert.ok(first && 'mood' in first);
    assert.equal(first.mood.at, zero + 5000);
  });
});
