import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gamuts, mirekToXy, reportedBrightness, reportedXy } from './color.ts';

test('recorded values: what was sent and what the bridge gave back', () => {
  assert.equal(reportedBrightness(20), 20.16);
  assert.equal(reportedBrightness(50), 49.8);
  assert.equal(reportedBrightness(100), 100);
  const { x, y } = mirekToXy(367);
  assert.ok(Math.hypot(x - 0.4578, y - 0.41) < 6e-4);
});

test('a reported brightness is within half a step of the wish, and stays when sent back', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.4, max: 100, noNaN: true }), (wish) => {
      const reported = reportedBrightness(wish);
      assert.ok(Math.abs(reported - wish) <= 50 / 253 + 0.005, `${wish} became ${reported}`);
      assert.equal(reportedBrightness(reported), reported);
    }),
  );
});

test('a reported color is no farther from the wish than any corner of the gamut, and stays when sent back', () => {
  const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(gamuts)), coordinate, coordinate, (gamut, x, y) => {
      const reported = reportedXy({ x, y }, gamut);
      for (const corner of Object.values(gamut)) {
        assert.ok(Math.hypot(reported.x - x, reported.y - y) <= Math.hypot(corner.x - x, corner.y - y) + 1e-4);
      }
      const again = reportedXy(reported, gamut);
      assert.ok(Math.hypot(again.x - reported.x, again.y - reported.y) <= 1e-4);
    }),
  );
});
