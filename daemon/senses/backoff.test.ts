import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoffDelay } from './backoff.ts';

describe('backoffDelay', () => {
  it('doubles up to its maximum', () => {
    const middle = () => 0.5;
    assert.deepEqual(
      [1, 2, 3, 4, 5, 500].map((failures) => backoffDelay(failures, { base: 100, max: 1000 }, middle)),
      [100, 200, 400, 800, 1000, 1000],
    );
  });

  it('spreads by a fifth either way', () => {
    assert.equal(
      backoffDelay(1, { base: 1000, max: 1000 }, () => 0),
      800,
    );
    assert.equal(
      backoffDelay(1, { base: 1000, max: 1000 }, () => 0.999999),
      1200,
    );
  });
});
