import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMOTIONS, type Probabilities } from '../../mood/emotion.ts';
import { EMOTION_AFFECT, expectedAffect } from './affect.ts';
import { EmotionFold } from './face/labels.ts';

const distribution = fc
  .array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: EMOTIONS.length, maxLength: EMOTIONS.length })
  .map((values) => new EmotionFold(EMOTIONS).fold(values));

const certain = (index: number): Probabilities => new EmotionFold(EMOTIONS).fold(EMOTIONS.map((_, i) => (i === index ? 1 : 0)));

test('a certain emotion has the affect of its place', () => {
  for (const [index, emotion] of EMOTIONS.entries()) assert.deepEqual(expectedAffect(certain(index)), EMOTION_AFFECT[emotion]);
});

test('affect stays within the plane', () => {
  fc.assert(
    fc.property(distribution, (probabilities) => {
      const { valence, arousal } = expectedAffect(probabilities);
      return Math.abs(valence) <= 1 && Math.abs(arousal) <= 1;
    }),
  );
});
