// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a policy

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { fromWeights } from '../mood/affect.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import { Almanac } from './almanac.ts';
import { Calendar } from './calendar.ts';
import { DEFAULT_POLICIES, type Policy, PolicyState, policySchema, type Situation } from './policy.ts';

const seconds = z.string().transform((text) => Number.parseFloat(text) * 1000);
const read = (...rules: unknown[]): Policy[] => z.array(policySchema(seconds)).parse(rules);

function mood(label: MoodLabel, over: Partial<Mood> = {}): Mood {
  const affect = { valence: 0, arousal: 0, stress: 20, hiddenStress: false };
  const common = { v: 1, room: 'den', at: 0, emotion: 'neutral', confidence: 1, occupancy: null, people: null, contributions: [] } as const;
  return { ...common, contributions: [], label, probabilities: fromWeights(() => 1), ...affect, ...over };
}

/** One room's rules, followed through time. */
class Followed {
  readonly #state: PolicyState;
  readonly #calendar = new Calendar(new Almanac({ timezone: 'Europe/Berlin' }));

  constructor(policies: readonly Policy[]) {
    this.#state = new PolicyState(policies);
  }

  follow(felt: Mood, now: number, over: Partial<Situation> & { wall?: string } = {}): string | null {
    this.#calendar.moveTo(Date.parse(over.wall ?? '2026-11-21T12:00:00Z'));
    const situation = { mood: felt, mode: 'auto', illuminance: null, calendar: this.#calendar, ...over } as const;
    return this.#state.follow(situation, now)?.then.scene ?? null;
  }

  release(): void {
    this.#state.release();
  }
}

const single = (when: object) => new Followed(read({ when, then: { scene: 'soothe' } }));

describe('policies', () => {
  test('have an answer to every mood', () => {
    const state = new Followed(DEFAULT_POLICIES);
    const scenes = (['tense', 'low', 'cheerful', 'calm', 'neutral'] as const).map((label) => state.follow(mood(label), 0));
    assert.deepEqual(scenes, ['soothe', 'cheer', 'energise', 'calm', 'neutral']);
  });

  test('go by the first rule of which all conditions hold', () => {
    const strained = { when: { mood: ['tense', 'low'], stressAbove: 70, occupancy: true }, then: { scene: 'soothe' } };
    const state = new Followed(read(strained, { when: { mood: 'tense' }, then: { scene: 'calm' } }));
    assert.equal(state.follow(mood('tense', { stress: 70, occupancy: true }), 0), 'calm');
    assert.equal(state.follow(mood('tense', { stress: 71, occupancy: true }), 0), 'soothe');
    assert.equal(state.follow(mood('low', { stress: 90 }), 0), null);
  });

  test('wait for their "for", and what acted before goes on meanwhile', () => {
    const state = new Followed(
      read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, for: '60s' }, { when: { mood: 'calm' }, then: { scene: 'calm' } }),
    );
    state.follow(mood('calm'), 0);
    assert.equal(state.follow(mood('tense'), 1000), 'calm');
    assert.equal(state.follow(mood('tense'), 60_999), 'calm');
    assert.equal(state.follow(mood('tense'), 61_000), 'soothe');
    assert.equal(state.follow(mood('low'), 62_000), null);
  });

  test('rest for their cooldown after they acted', () => {
    const state = new Followed(read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, cooldown: '300s' }));
    assert.equal(state.follow(mood('tense'), 0), 'soothe');
    assert.equal(state.follow(mood('tense'), 400_000), 'soothe');
    assert.equal(state.follow(mood('calm'), 500_000), null);
    assert.equal(state.follow(mood('tense'), 699_000), null);
    assert.equal(state.follow(mood('tense'), 700_000), 'soothe');
  });

  test('forget what they waited for when the room is left alone', () => {
    const state = new Followed(read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, for: '60s' }));
    state.follow(mood('tense'), 0);
    state.release();
    assert.equal(state.follow(mood('tense'), 60_000), null);
    assert.equal(state.follow(mood('tense'), 120_000), 'soothe');
  });

  test('go by stress with a dead band, so that a value at the threshold does not flap', () => {
    const rules = single({ stressAbove: 70 });
    const stresses = [70, 71, 68, 66, 65, 68];
    const acts = stresses.map((stress, second) => rules.follow(mood('neutral', { stress }), second * 1000) !== null);
    assert.deepEqual(acts, [false, true, true, true, false, false]);
  });

  test('go by hidden stress, light, mode, day and time', () => {
    const felt = mood('neutral');
    assert.equal(single({ hiddenStress: true }).follow(felt, 0), null);
    assert.equal(single({ hiddenStress: true }).follow(mood('neutral', { hiddenStress: true }), 0), 'soothe');
    const light = [null, 49, 51].map((illuminance) => single({ illuminanceBelow: 50 }).follow(felt, 0, { illuminance }));
    assert.deepEqual(light, [null, 'soothe', null]);
    assert.deepEqual(
      (['auto', 'suggest'] as const).map((mode) => single({ mode: 'suggest' }).follow(felt, 0, { mode })),
      [null, 'soothe'],
    );
    const saturday = { wall: '2026-11-21T21:00:00Z' };
    assert.equal(single({ days: 'weekend' }).follow(felt, 0, saturday), 'soothe');
    assert.equal(single({ days: ['mon', 'tue'] }).follow(felt, 0, saturday), null);
    assert.equal(single({ time: { from: '21:30', to: '06:00' } }).follow(felt, 0, saturday), 'soothe');
    assert.equal(single({ time: { from: '22:30', to: '06:00' } }).follow(felt, 0, saturday), null);
  });

  test('that ask for a time wait while the clock is not set', () => {
    const rules = single({ time: { from: '00:00', to: '23:59' } });
    assert.equal(rules.follow(mood('neutral'), 0, { wall: '2000-01-01T12:00:00Z' }), null);
  });

  test('act in an empty room only where they are made for it', () => {
    const empty = mood('neutral', { occupancy: false, confidence: 0 });
    assert.equal(single({ mood: 'neutral' }).follow(empty, 0), null);
    assert.equal(single({ occupancy: false }).follow(empty, 0), 'soothe');
  });

  test('that could never act are refused, and it is said why', () => {
    const said = policySchema(seconds).safeParse({ when: { stressAbove: 80, stressBelow: 60 }, then: { scene: 'calm' } });
    assert.match(said.error?.issues[0]?.message ?? '', /could never act/);
  });

  test('with words nobody knows are refused', () => {
    const schema = policySchema(seconds);
    assert.equal(schema.safeParse({ when: { mood: 'angry' }, then: { scene: 'calm' } }).success, false);
    assert.equal(schema.safeParse({ when: {}, then: { scene: 'calm' }, until: '5s' }).success, false);
  });
});
