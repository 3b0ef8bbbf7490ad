import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../frame.ts';
import { CROP_SIDE, FaceCropper } from './crop.ts';

const WIDTH = 160;
const HEIGHT = 120;

function paint(colorAt: (x: number, y: number) => [green: number, blue: number, red: number]): Frame {
  const plane = WIDTH * HEIGHT;
  const data = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const [green, blue, red] = colorAt(i % WIDTH, Math.floor(i / WIDTH));
    data[i] = green;
    data[plane + i] = blue;
    data[2 * plane + i] = red;
  }
  return { data, width: WIDTH, height: HEIGHT, at: 0 };
}

const grey = (value: (x: number, y: number) => number) => paint((x, y) => [value(x, y), value(x, y), value(x, y)]);
const square = (left: number, top: number, side: number) => ({ left, top, width: side, height: side });

function crop(frame: Frame, box: ReturnType<typeof square>, margin = 1): Float32Array {
  const target = new Float32Array(CROP_SIDE * CROP_SIDE);
  new FaceCropper(margin).crop(frame, box, target);
  return target;
}

const within = (values: Float32Array, low: number, high: number) =>
  assert.ok(values.every((value) => value >= low - 0.01 && value <= high + 0.01));

test('colours become BT.601 luma', () => {
  for (const [color, luma] of [
    [[255, 0, 0], 149.7],
    [[0, 255, 0], 29.1],
    [[0, 0, 255], 76.2],
  ] as const) {
    const values = crop(
      paint(() => [...color]),
      square(40, 40, 60),
    );
    within(values, luma - 0.1, luma + 0.1);
  }
});

test('a square of 48 px comes out as it is', () => {
  const frame = grey((x, y) => (7 * x + 13 * y) % 256);
  const values = crop(frame, square(30, 20, CROP_SIDE));
  for (let y = 0; y < CROP_SIDE; y++) {
    for (let x = 0; x < CROP_SIDE; x++) {
      assert.ok(Math.abs((values[y * CROP_SIDE + x] as number) - ((7 * (x + 30) + 13 * (y + 20)) % 256)) < 0.01);
    }
  }
});

test('a fine pattern is averaged when it shrinks, not aliased', () => {
  const checked = grey((x, y) => ((x + y) % 2 === 0 ? 255 : 0));
  within(crop(checked, square(4, 4, 112)), 120, 135);
});

test('the margin widens the square around its centre', () => {
  const frame = grey((x) => x);
  const narrow = crop(frame, square(50, 40, 40), 1);
  const wide = crop(frame, square(40, 30, 60), 1);
  assert.deepEqual(crop(frame, square(50, 40, 40), 1.5), wide);
  assert.notDeepEqual(narrow, wide);
});

test('wherever the face lies, also beyond the edge, the values are those of the frame', () => {
  const frame = grey((x, y) => 50 + ((3 * x + 5 * y) % 150));
  const place = fc.record({
    left: fc.double({ min: -60, max: WIDTH, noNaN: true }),
    top: fc.double({ min: -60, max: HEIGHT, noNaN: true }),
    width: fc.double({ min: 1, max: 200, noNaN: true }),
    height: fc.double({ min: 1, max: 200, noNaN: true }),
  });
  fc.assert(
    fc.property(place, (box) => within(crop(frame, box), 50, 200)),
    { numRuns: 50 },
  );
});
