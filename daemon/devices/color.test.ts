import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { clipToGamut, type Gamut } from './color.ts';

/** Gamut C of current Hue lamps. */
const gamut: Gamut = [
  { x: 0.6915, y: 0.3083 },
  { x: 0.17, y: 0.7 },
  { x: 0.1532, y: 0.0475 },
];
const anywhere = fc.record({ x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 1, noNaN: true }) });
const shares = fc.tuple(
  fc.double({ min: 0.01, max: 1, noNaN: true }),
  fc.double({ min: 0.01, max: 1, noNaN: true }),
  fc.double({ min: 0.01, max: 1, noNaN: true }),
);

it('a color inside the gamut stays as it is', () => {
  fc.assert(
    fc.property(shares, (weights) => {
      const sum = weights.reduce((a, b) => a + b, 0);
      const point = gamut.reduce(
        (at, corner, index) => ({ x: at.x + (corner.x * (weights[index] ?? 0)) / sum, y: at.y + (corner.y * (weights[index] ?? 0)) / sum }),
        { x: 0, y: 0 },
      );
      assert.deepEqual(clipToGamut(point, gamut), point);
    }),
  );
});

it('any color becomes one that no corner and no other clipped color is nearer than, and clipping again changes nothing', () => {
  fc.assert(
    fc.property(anywhere, anywhere, (point, other) => {
      const clipped = clipToGamut(point, gamut);
      const distance = Math.hypot(clipped.x - point.x, clipped.y - point.y);
      for (const each of [...gamut, clipToGamut(other, gamut)])
        assert.ok(distance <= Math.hypot(each.x - point.x, each.y - point.y) + 1e-9);
      const again = clipToGamut(clipped, gamut);
      assert.ok(Math.hypot(again.x - clipped.x, again.y - clipped.y) < 1e-9);
    }),
  );
});
