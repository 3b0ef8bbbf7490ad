import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../api/clock.fake.ts';
import { ProblemBoard } from './problems.ts';

function board() {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });
  return { clock, lines, problems: new ProblemBoard({ log, clock }) };
}

const silent = (seconds: number) => ({ code: 'source.silent' as const, params: { source: 'cam', seconds } });

test('a problem that lasts is logged once, and once more when it has passed', () => {
  const { problems, lines } = board();
  for (let seconds = 10; seconds < 60; seconds += 10) problems.set('source:cam', silent(seconds));
  problems.set('source:cam', null);
  problems.set('source:cam', null);
  assert.equal(lines.length, 2);
  assert.deepEqual(problems.list(), []);
});

test('it keeps the time it began while its details change', () => {
  const { problems, clock } = board();
  problems.set('source:cam', silent(10));
  const began = clock.wall();
  clock.advance(10_000);
  problems.set('source:cam', silent(20));
  assert.deepEqual(problems.get('source:cam'), { ...silent(20), scope: 'source:cam', since: began });
});

test('listeners hear of changes alone', () => {
  const { problems } = board();
  let changes = 0;
  problems.events.on('changed', () => changes++);
  problems.set('mqtt', { code: 'mqtt.port_in_use', params: { port: 1883 } });
  problems.set('mqtt', { code: 'mqtt.port_in_use', params: { port: 1883 } });
  assert.equal(changes, 1);
});

test('a scope that is cleared takes along what it covers and nothing else', () => {
  const { problems } = board();
  problems.set('source:a', silent(1));
  problems.set('source:b', silent(1));
  problems.set('adapter:hue', { code: 'device.unreachable', params: { device: 'hue' } });
  problems.clear('source:');
  assert.deepEqual(
    problems.list().map((each) => each.scope),
    ['adapter:hue'],
  );
});
