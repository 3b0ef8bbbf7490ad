import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf } from './level.ts';

test('silence shows nothing, full scale all, and 20 dB a third of the meter', () => {
  assert.equal(levelOf(new Float32Array(512)), 0);
  assert.equal(levelOf([]), 0);
  assert.equal(levelOf([1, -1, 1, -1]), 1);
  const difference = levelOf([0.1, -0.1]) - levelOf([0.01, -0.01]);
  assert.ok(Math.abs(difference - 1 / 3) < 1e-9);
});
