// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a policy

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { fromWeights } from '../mood/affect.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import { DEFAULT_POLICIES, type Policy, PolicyState, policySchema } from './policy.ts';

const seconds = z.string().transform((text) => Number.parseFloat(text) * 1000);
const read = (...rules: unknown[]): Policy[] => z.array(policySchema(seconds)).parse(rules);

function mood(label: MoodLabel, over: Partial<Mood> = {}): Mood {
  const affect = { valence: 0, arousal: 0, stress: 20, hiddenStress: false };
  const common = { v: 1, room: 'den', at: 0, emotion: 'neutral', confidence: 1, occupancy: null, people: null, contributions: [] } as const;
  return { ...common, contributions: [], label, probabilities: fromWeights(() => 1), ...affect, ...over };
}

describe('policies', () => {
  test('have an answer to every mood', () => {
    const state = new PolicyState(DEFAULT_POLICIES);
    const scenes = (['tense', 'low', 'cheerful', 'calm', 'neutral'] as const).map((label) => state.follow(mood(label), 0));
    assert.deepEqual(scenes, ['soothe', 'cheer', 'energise', 'calm', 'neutral']);
  });

  test('go by the first rule of which all conditions hold', () => {
    const strained = { when: { mood: ['tense', 'low'], stressAbove: 70, occupancy: true }, then: { scene: 'soothe' } };
    const state = new PolicyState(read(strained, { when: { mood: 'tense' }, then: { scene: 'calm' } }));
    assert.equal(state.follow(mood('tense', { stress: 70, occupancy: true }), 0), 'calm');
    assert.equal(state.follow(mood('tense', { stress: 71, occupancy: true }), 0), 'soothe');
    assert.equal(state.follow(mood('low', { stress: 90 }), 0), null);
  });

  test('wait for their "for", and what acted before goes on meanwhile', () => {
    const state = new PolicyState(
      read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, for: '60s' }, { when: { mood: 'calm' }, then: { scene: 'calm' } }),
    );
    state.follow(mood('calm'), 0);
    assert.equal(state.follow(mood('tense'), 1000), 'calm');
    assert.equal(state.follow(mood('tense'), 60_999), 'calm');
    assert.equal(state.follow(mood('tense'), 61_000), 'soothe');
    assert.equal(state.follow(mood('low'), 62_000), null);
  });

  test('rest for their cooldown after they acted', () => {
    const state = new PolicyState(read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, cooldown: '300s' }));
    assert.equal(state.follow(mood('tense'), 0), 'soothe');
    assert.equal(state.follow(mood('tense'), 400_000), 'soothe');
    assert.equal(state.follow(mood('calm'), 500_000), null);
    assert.equal(state.follow(mood('tense'), 699_000), null);
    assert.equal(state.follow(mood('tense'), 700_000), 'soothe');
  });

  test('forget what they waited for when the room is left alone', () => {
    const state = new PolicyState(read({ when: { mood: 'tense' }, then: { scene: 'soothe' }, for: '60s' }));
    state.follow(mood('tense'), 0);
    state.release();
    assert.equal(state.follow(mood('tense'), 60_000), null);
    assert.equal(state.follow(mood('tense'), 120_000), 'soothe');
  });

  test('with words nobody knows are refused', () => {
    const schema = policySchema(seconds);
    assert.equal(schema.safeParse({ when: { mood: 'angry' }, then: { scene: 'calm' } }).success, false);
    assert.equal(schema.safeParse({ when: {}, then: { scene: 'calm' }, until: '5s' }).success, false);
  });
});
