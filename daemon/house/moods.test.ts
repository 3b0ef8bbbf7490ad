import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { fromWeights } from '../mood/affect.ts';
import type { Mood } from '../mood/mood.ts';
import type { Observation } from '../mood/observation.ts';
import { RoomMoods } from './moods.ts';

const happy = (at: number): Observation => ({
  v: 1,
  id: 'cam#1',
  room: 'den',
  source: 'cam',
  at,
  confidence: 0.9,
  quality: 1,
  modality: 'face',
  track: 1,
  probabilities: fromWeights((emotion) => (emotion === 'happiness' ? 50 : 1)),
  people: 1,
});

function den(recall: (room: string) => Mood | undefined = () => undefined) {
  const clock = new FakeClock();
  const moods = new RoomMoods({ clock, recall });
  const told: Mood[] = [];
  moods.events.on('mood', (mood) => told.push(mood));
  moods.configure([{ id: 'den', smoothing: 0, dwell: 0 }]);
  moods.start();
  return { clock, moods, told };
}

test('a room that nothing senses has no mood, and nothing is said of it', () => {
  const { clock, moods, told } = den();
  clock.advance(60_000);
  assert.deepEqual([told, moods.mood('den')], [[], null]);
});

test('once the house is quiet, so is its mood: it is told again once a minute', () => {
  const { clock, moods, told } = den();
  moods.observe(happy(clock.mono()));
  clock.advance(30 * 60_000);
  const settled = told.length;
  clock.advance(10 * 60_000);
  assert.equal(told.length - settled, 10);
});

test('a room whose last source stopped has no mood until something is seen again', () => {
  const { clock, moods, told } = den();
  moods.observe(happy(clock.mono()));
  moods.end('den');
  clock.advance(5000);
  assert.deepEqual([moods.mood('den'), told.length], [null, 1]);
  moods.observe(happy(clock.mono()));
  assert.equal(moods.mood('den')?.emotion, 'happiness');
});

test('a room goes on under a configuration that did not change it', () => {
  const { clock, moods } = den();
  moods.observe(happy(clock.mono()));
  moods.configure([{ id: 'den', smoothing: 0, dwell: 0 }]);
  assert.equal(moods.mood('den')?.emotion, 'happiness');
  moods.configure([]);
  assert.equal(moods.mood('den'), null);
  moods.close();
  assert.equal(clock.pending, 0);
});

test('what was recorded and what is really there never make one mood together', () => {
  const { clock, moods, told } = den();
  moods.observe(happy(clock.mono()), { demo: true });
  moods.observe({ ...happy(clock.mono()), source: 'other' });
  assert.deepEqual(
    told.map(({ demo, contributions }) => [demo, contributions.map(({ source }) => source)]),
    [
      [true, ['cam']],
      [undefined, ['other']],
    ],
  );
});
