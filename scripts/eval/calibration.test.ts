import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { calibrationError, fitTemperature, reliability, tempered } from './calibration.ts';
import { accuracyOf, confusionOf, scoresOf } from './classes.ts';

const close = (actual: number, expected: number, within = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

describe('calibration', () => {
  test('the error is the mean gap between confidence and share of right answers', () => {
    const samples = [
      [0.9, 0.1],
      [0.9, 0.1],
      [0.6, 0.4],
      [0.6, 0.4],
    ];
    close(calibrationError(reliability(samples, [0, 1, 0, 0])), (0.4 + 0.4) / 2);
    close(calibrationError(reliability([[1, 0]], [0])), 0);
  });

  test('a temperature leaves a distribution a distribution, and its order', () => {
    const sample = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(sample, fc.double({ min: 0.2, max: 5, noNaN: true }), (values, temperature) => {
        const total = values.reduce((sum, each) => sum + each, 0);
        const before = values.map((each) => each / total);
        const after = tempered(before, temperature);
        close(
          after.reduce((sum, each) => sum + each, 0),
          1,
        );
        for (const [i, p] of before.entries())
          for (const [j, q] of before.entries()) if (p > q) assert.ok((after[i] ?? 0) >= (after[j] ?? 0));
      }),
    );
  });

  test('the fitted temperature undoes another', () => {
    // Three of four are right where the model should say 0.75.
    const honest = [0.75, 0.25];
    const truth = [0, 0, 0, 1];
    close(
      fitTemperature(
        truth.map(() => tempered(honest, 0.5)),
        truth,
      ),
      2,
      0.01,
    );
    close(
      fitTemperature(
        truth.map(() => honest),
        truth,
      ),
      1,
      0.01,
    );
  });
});

test('scores come from the confusion', () => {
  const confusion = confusionOf([0, 0, 0, 1], [0, 0, 1, 1], 2);
  assert.deepEqual(confusion, [
    [2, 1],
    [0, 1],
  ]);
  close(accuracyOf(confusion), 0.75);
  assert.deepEqual(scoresOf(confusion), [
    { precision: 1, recall: 2 / 3, f1: 0.8, n: 3 },
    { precision: 0.5, recall: 1, f1: 2 / 3, n: 1 },
  ]);
});
