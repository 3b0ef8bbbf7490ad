import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepOf, RunningMean } from './running.ts';

test('is as old as a moving average over ten values', () => {
  const mean = new RunningMean();
  for (let i = 0; i <= 400; i++) mean.add([i], { weight: 1, keep: keepOf(10) });
  const movingAverage = (391 + 400) / 2;
  assert.ok(Math.abs(mean.mean - movingAverage) < 1e-6);
});

test('begins with its first value, and never leaves the range of its values', () => {
  const value = fc.double({ min: -1, max: 1, noNaN: true });
  const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, weight), { minLength: 1, maxLength: 30 }), (steps) => {
      const mean = new RunningMean();
      for (const [each, of] of steps) mean.add([each], { weight: of, keep: keepOf(10) });
      const values = steps.map(([each]) => each);
      assert.ok(mean.mean >= Math.min(...values) - 1e-9 && mean.mean <= Math.max(...values) + 1e-9);
    }),
  );
  const first = new RunningMean();
  first.add([0.3], { weight: 0.2, keep: keepOf(10) });
  assert.ok(Math.abs(first.mean - 0.3) < 1e-12);
});
