import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupVolume, mean, scaled } from './group-volume.ts';

const volume = fc.integer({ min: 0, max: 100 });
const volumes = fc.array(volume, { minLength: 1, maxLength: 8 });

test('the mean of the players becomes what was asked, within rounding', () => {
  fc.assert(
    fc.property(volumes, volume, (snapshot, target) => {
      assert.ok(Math.abs(mean(scaled(snapshot, target)) - target) <= 0.5 + 1e-9, `${scaled(snapshot, target)}`);
    }),
  );
});

test('all stay within 0 and 100, all reach both ends, and who was louder is never the quieter', () => {
  fc.assert(
    fc.property(volumes, volume, (snapshot, target) => {
      const result = scaled(snapshot, target);
      assert.ok(result.every((level) => Number.isInteger(level) && level >= 0 && level <= 100));
      for (const [a, first] of snapshot.entries()) {
        for (const [b, second] of snapshot.entries()) if (first > second) assert.ok((result[a] ?? 0) >= (result[b] ?? 0));
      }
      assert.ok(scaled(snapshot, 0).every((level) => level === 0));
      assert.ok(scaled(snapshot, 100).every((level) => level === 100));
    }),
  );
});

test('from one snapshot the slider may go anywhere and back', () => {
  fc.assert(fc.property(volumes, (snapshot) => assert.deepEqual(scaled(snapshot, groupVolume(snapshot)), snapshot)));
});

test('players that were alike at the snapshot become alike, whatever happened to them since', () => {
  assert.deepEqual(scaled([10, 10], 20), [20, 20]);
});
