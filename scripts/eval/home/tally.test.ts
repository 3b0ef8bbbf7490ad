import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Day } from './day.ts';
import type { Feeling } from './feelings.ts';
import type { Told } from './stories.ts';
import { type Tally, TELLERS, tallyDay } from './tally.ts';

const SECOND = 1000;

/** Glad for 100 s, sad for 100 s; a face is in view from 10 s to 150 s. */
const day: Day = {
  episodes: [
    { from: 0, to: 100 * SECOND, feeling: 'happiness', first: true },
    { from: 100 * SECOND, to: 200 * SECOND, feeling: 'sadness', first: false },
  ],
  bursts: [{ sense: 'face', from: 10 * SECOND, to: 150 * SECOND, wrong: null }],
  observations: [],
};

const told = (at: number, emotion: Feeling, label: string, confidence = 0.9): Told => ({ at: at * SECOND, emotion, label, confidence });

function tallyOf(...story: Told[]): Tally {
  return tallyDay(day, Object.fromEntries(TELLERS.map((teller) => [teller, story])) as Parameters<typeof tallyDay>[1]);
}

describe('what is counted', () => {
  test('seconds in which the emotion is right', () => {
    const tally = tallyOf(told(20, 'happiness', 'cheerful'), told(110, 'sadness', 'low'));
    assert.equal(tally.seconds, 200);
    assert.equal(tally.right.fused, 80 + 90);
    assert.equal(tally.oracle.face, 90 + 100);
    assert.equal(tally.sights['shown right'].n, 140);
    assert.equal(tally.sights['gone under a minute'].n, 50);
    const confident = tally.bins[13];
    assert.deepEqual({ n: confident?.n, right: confident?.right }, { n: 180, right: 170 });
  });

  test('how long the label takes, from the true change and from what shows it', () => {
    const { lags } = tallyOf(told(20, 'happiness', 'cheerful'), told(112, 'sadness', 'low'));
    assert.deepEqual(lags, [{ label: 'low', lag: 12 * SECOND, reading: 0 }]);
    assert.equal(tallyOf(told(20, 'happiness', 'cheerful')).lags[0]?.lag, Number.POSITIVE_INFINITY);
  });

  test('a label that comes once is no flap; one that comes again, or is not true, is', () => {
    assert.equal(tallyOf(told(20, 'happiness', 'cheerful'), told(110, 'sadness', 'low')).flaps, 0);
    const restless = [told(20, 'happiness', 'cheerful'), told(50, 'anger', 'tense'), told(60, 'happiness', 'cheerful')];
    assert.equal(tallyOf(...restless, told(110, 'sadness', 'low')).flaps, 2);
    assert.equal(tallyOf(told(20, 'happiness', 'cheerful'), told(110, 'neutral', 'neutral')).flaps, 1);
  });
});
