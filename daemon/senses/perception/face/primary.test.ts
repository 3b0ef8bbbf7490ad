import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrimaryFace } from './primary.ts';

const face = (track: number, side: number, quality = 1) => ({ track, side, quality });

test('the largest face that is read well is the primary one', () => {
  assert.equal(new PrimaryFace().choose([face(1, 40), face(2, 80), face(3, 90, 0.5)]), 2);
  assert.equal(new PrimaryFace().choose([]), null);
});

test('it stays until another is clearly more in view, or it is gone', () => {
  const primary = new PrimaryFace();
  assert.equal(primary.choose([face(1, 60), face(2, 50)]), 1);
  assert.equal(primary.choose([face(1, 60), face(2, 75)]), 1);
  assert.equal(primary.choose([face(1, 60), face(2, 80)]), 2);
  assert.equal(primary.choose([face(1, 80), face(2, 75)]), 2);
  assert.equal(primary.choose([face(1, 80)]), 1);
  assert.equal(primary.choose([]), null);
  assert.equal(primary.choose([face(1, 80), face(2, 85)]), 2);
});
