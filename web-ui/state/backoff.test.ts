import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BACKOFF, backoff } from './backoff.ts';

test('waits grow from the first to the longest and never leave these bounds', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const wait = backoff(attempt, random);
      assert.ok(wait >= BACKOFF.first / 2 && wait <= BACKOFF.longest);
      assert.ok(backoff(attempt + 1, random) >= wait);
    }),
  );
  assert.equal(backoff(0, 1), BACKOFF.first);
  assert.equal(backoff(100, 1), BACKOFF.longest);
});
