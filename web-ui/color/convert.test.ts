import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Xy } from '../../daemon/devices/device.ts';
import { dim, hueSaturationToXy, KELVIN_RANGE, kelvinToRgb, kelvinToXy, type Rgb, rgbToXy, xyToHueSaturation, xyToRgb } from './convert.ts';

const near = (actual: Xy, expected: Xy, tolerance: number): void => {
  assert.ok(
    Math.hypot(actual.x - expected.x, actual.y - expected.y) <= tolerance,
    `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`,
  );
};

// IEC 61966-2-1, table 1.
const SRGB: readonly [Xy, Rgb][] = [
  [
    { x: 0.64, y: 0.33 },
    { r: 255, g: 0, b: 0 },
  ],
  [
    { x: 0.3, y: 0.6 },
    { r: 0, g: 255, b: 0 },
  ],
  [
    { x: 0.15, y: 0.06 },
    { r: 0, g: 0, b: 255 },
  ],
  [
    { x: 0.3127, y: 0.329 },
    { r: 255, g: 255, b: 255 },
  ],
];

test('the primaries and the white point of sRGB lie where its standard puts them', () => {
  for (const [xy, rgb] of SRGB) {
    const shown = xyToRgb(xy);
    for (const channel of ['r', 'g', 'b'] as const) assert.ok(Math.abs(shown[channel] - rgb[channel]) <= 2, JSON.stringify({ xy, shown }));
    near(rgbToXy(rgb), xy, 0.0005);
  }
});

test('the Planckian locus passes through standard illuminant A and stays close to its tabulated points', () => {
  near(kelvinToXy(2856), { x: 0.4476, y: 0.4074 }, 0.001);
  // Wyszecki and Stiles, Color Science (1982): blackbody chromaticities.
  near(kelvinToXy(2000), { x: 0.5267, y: 0.4133 }, 0.001);
  near(kelvinToXy(6500), { x: 0.3135, y: 0.3237 }, 0.001);
});

test('the pieces of the locus meet', () => {
  for (const joint of [2222, 4000]) near(kelvinToXy(joint - 0.5), kelvinToXy(joint + 0.5), 0.001);
});

test('a higher color temperature is never redder and never less blue', () => {
  fc.assert(
    fc.property(fc.integer({ min: KELVIN_RANGE.min, max: 12_000 }), fc.integer({ min: 1, max: 3000 }), (kelvin, more) => {
      const warm = kelvinToRgb(kelvin);
      const cold = kelvinToRgb(kelvin + more);
      assert.ok(cold.b >= warm.b && cold.r <= warm.r);
    }),
  );
});

test('every chromaticity has a color that a screen can show, at full brightness', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, (x, y) => {
      const channels = Object.values(xyToRgb({ x, y }));
      assert.ok(channels.every((each) => Number.isInteger(each) && each >= 0 && each <= 255));
      assert.equal(Math.max(...channels), 255);
    }),
  );
});

test('a chosen hue comes back as it was chosen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 359 }), fc.double({ min: 0.3, max: 1, noNaN: true }), (hue, saturation) => {
      const back = xyToHueSaturation(hueSaturationToXy({ hue, saturation }));
      const away = Math.abs(((back.hue - hue + 540) % 360) - 180);
      assert.ok(away <= 3, `hue ${hue} came back as ${back.hue}`);
      assert.ok(Math.abs(back.saturation - saturation) <= 0.02);
    }),
  );
});

test('a dimmed lamp is darker, and never black', () => {
  const full = kelvinToRgb(2700);
  assert.deepEqual(dim(full, 1), full);
  assert.ok(dim(full, 0.5).r < full.r);
  assert.ok(dim(full, 0).r > 100);
});
