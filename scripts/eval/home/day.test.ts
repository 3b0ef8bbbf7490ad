import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observationSchema } from '../../../daemon/mood/observation.ts';
import { type Day, makeDay, type Sense, type Span } from './day.ts';
import { FEELINGS, type Feeling } from './feelings.ts';
import type { Samples } from './samples.ts';

const samples = samplesOf((felt) => Object.fromEntries(FEELINGS.map((each) => [each, each === felt ? 1 : 0])) as Record<Feeling, number>);

function samplesOf(probabilitiesOf: (felt: Feeling) => Record<Feeling, number>): Samples {
  const sure = { confidence: 1, quality: 1 };
  const each = <T>(make: (felt: Feeling) => T) => Object.fromEntries(FEELINGS.map((felt) => [felt, [make(felt)]])) as Record<Feeling, T[]>;
  return {
    face: each((felt) => ({ modality: 'face', ...sure, probabilities: probabilitiesOf(felt) })),
    voice: each((felt) => ({
      length: 3000,
      utterances: [{ after: 2500, said: { modality: 'voice', ...sure, speech: true, probabilities: probabilitiesOf(felt) } }],
    })),
    text: each((felt) => ({ modality: 'text', ...sure, probabilities: probabilitiesOf(felt), sentiment: 0, flags: [] })),
  };
}

const days = Array.from({ length: 40 }, (_, seed) => makeDay(seed, samples));
const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + to - from, 0);
const share = (of: (day: Day) => readonly Span[]): number =>
  lengthOf(days.flatMap(of)) / lengthOf(days.flatMap(({ episodes }) => episodes));
const burstsOf = (sense: Sense) => days.flatMap(({ bursts }) => bursts.filter((burst) => burst.sense === sense));
const near = (value: number, wanted: number, within: number): void =>
  assert.ok(Math.abs(value - wanted) < within, `${value} is not within ${within} of ${wanted}`);

describe('a simulated day', () => {
  test('the same seed gives the same day, another seed another', () => {
    assert.deepEqual(makeDay(3, samples), days[3]);
    assert.notDeepEqual(days[3], days[4]);
  });

  test('has what the figures are defined by', () => {
    near(
      share(({ bursts }) => bursts.filter(({ sense }) => sense === 'face')),
      0.5,
      0.03,
    );
    near(
      share(({ bursts }) => bursts.filter(({ sense }) => sense === 'voice')),
      0.15,
      0.03,
    );
    const hours = lengthOf(days.flatMap(({ episodes }) => episodes)) / 3_600_000;
    near(burstsOf('text').length / hours, 3, 0.4);
    for (const sense of ['face', 'voice', 'text'] as const) {
      const bursts = burstsOf(sense);
      near(bursts.filter(({ wrong }) => wrong !== null).length / bursts.length, 0.1, 0.04);
    }
    const lengths = burstsOf('face').map(({ from, to }) => to - from);
    assert.ok(Math.max(...lengths) <= 120_000);
  });

  test('its observations are in order, valid, and show what is felt unless the burst is wrong', () => {
    for (const { observations, bursts, episodes } of days.slice(0, 4)) {
      for (const [i, observation] of observations.entries()) {
        assert.ok(observation.at >= (observations[i - 1]?.at ?? 0));
        assert.ok(observationSchema.safeParse(observation).success);
        if (!('probabilities' in observation) || observation.modality !== 'face') continue;
        const { at, probabilities } = observation;
        const burst = bursts.find(({ sense, from, to }) => sense === 'face' && from - 1 <= at && at <= to + 1);
        const felt = episodes.findLast(({ from }) => from <= at + 1)?.feeling;
        assert.ok(burst && felt);
        assert.ok(probabilities[burst.wrong ?? felt] === 1 || episodes.some(({ from }) => Math.abs(from - at) <= 1));
      }
    }
  });
});
