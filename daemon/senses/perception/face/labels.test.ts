import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EmotionFold } from './labels.ts';

const FER = ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'];

test('contempt is half disgust, half anger; the rest goes by name, not by place', () => {
  const folded = new EmotionFold(FER).fold([0.1, 0.2, 0.05, 0.05, 0.1, 0.1, 0, 0.4]);
  const expected = { neutral: 0.1, happiness: 0.2, sadness: 0.05, anger: 0.3, surprise: 0.05, fear: 0, disgust: 0.3 };
  for (const [emotion, value] of Object.entries(expected)) {
    assert.ok(Math.abs(folded[emotion as keyof typeof expected] - value) < 1e-9, emotion);
  }
});

test('rounded as the classes may be, the probabilities add up to 1', () => {
  const share = fc.double({ min: -0.01, max: 1, noNaN: true });
  const values = fc
    .array(share, { minLength: FER.length, maxLength: FER.length })
    .filter((each) => each.reduce((sum, p) => sum + p, 0) > 0.9);
  fc.assert(
    fc.property(values, (classes) => {
      const folded = Object.values(new EmotionFold(FER).fold(classes));
      const sum = folded.reduce((total, each) => total + each, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9);
      assert.ok(folded.every((each) => each >= 0 && each <= 1));
    }),
  );
});

test('what is no distribution is refused', () => {
  assert.throws(() => new EmotionFold(FER).fold(new Float32Array(8).fill(Number.NaN)), RangeError);
  assert.throws(() => new EmotionFold(FER).fold(new Float32Array(8)), RangeError);
});

test('an unknown class is refused', () => {
  assert.throws(() => new EmotionFold(['neutral', 'hunger']), /hunger/);
});
