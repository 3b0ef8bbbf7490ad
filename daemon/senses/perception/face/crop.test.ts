import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../frame.ts';
import { FaceCropper } from './crop.ts';
import type { Landmarks } from './landmarks.ts';
import { placementOf } from './placement.ts';

const WIDTH = 160;
const HEIGHT = 120;
const SIDE = 48;
const GREY = { side: SIDE, color: 'grey', mean: 0, std: 1, margin: 1, alignment: 'upright' } as const;

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
  const target = new Float32Array(SIDE * SIDE);
  new FaceCropper(GREY).crop(frame, placementOf({ box }, { ...GREY, margin }), target);
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
  const values = crop(frame, square(30, 20, SIDE));
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      assert.ok(Math.abs((values[y * SIDE + x] as number) - ((7 * (x + 30) + 13 * (y + 20)) % 256)) < 0.01);
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

test('a turned face comes out upright', () => {
  // Grey falls off across the frame along a slanted axis: seen along that axis, every row of the picture is the same.
  const angle = 0.4;
  const frame = grey((x, y) => 100 + x * Math.cos(angle) + y * Math.sin(angle) - 60);
  const eyes = (turn: number) => ({
    rightEye: { x: 70 - 10 * Math.cos(turn), y: 55 - 10 * Math.sin(turn) },
    leftEye: { x: 70 + 10 * Math.cos(turn), y: 55 + 10 * Math.sin(turn) },
  });
  const [nose, rightMouth, leftMouth] = [
    { x: 70, y: 62 },
    { x: 64, y: 70 },
    { x: 76, y: 70 },
  ];
  const face = { box: square(50, 40, 40), landmarks: { ...eyes(angle), nose, rightMouth, leftMouth } };
  const target = new Float32Array(SIDE * SIDE);
  new FaceCropper(GREY).crop(frame, placementOf(face, GREY), target);
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
  const column = (x: number) => Array.from({ length: SIDE }, (_, y) => target[y * SIDE + x] as number);
  for (const x of [0, 20, 47]) assert.ok(spread(column(x)) < 1.5);
  assert.ok(spread([...target.subarray(0, SIDE)]) > 35);
});

test('five landmarks come to lie where ArcFace wants them, whatever the turn and size of the face', () => {
  const template = { rightEye: [38.3, 51.7], leftEye: [73.5, 51.5], nose: [56, 71.7], rightMouth: [41.5, 92.4], leftMouth: [70.7, 92.2] };
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0.3, max: 3, noNaN: true }), (turn, scale) => {
      const put = ([u, v]: number[]) => ({
        x: 300 + scale * (Math.cos(turn) * (u ?? 0) - Math.sin(turn) * (v ?? 0)),
        y: 200 + scale * (Math.sin(turn) * (u ?? 0) + Math.cos(turn) * (v ?? 0)),
      });
      const landmarks = Object.fromEntries(Object.entries(template).map(([name, at]) => [name, put(at)])) as unknown as Landmarks;
      const box = square(300, 200, 80 * scale);
      const place = placementOf({ box, landmarks }, { side: 112, margin: 1, alignment: 'five-points' });
      const expected = { a: scale * Math.cos(turn), b: scale * Math.sin(turn), x: 300, y: 200 };
      for (const [name, value] of Object.entries(expected)) assert.ok(Math.abs(place[name as keyof typeof place] - value) < 0.2, name);
    }),
  );
});

test('landmarks that lie nowhere near the box are not believed', () => {
  const far = { x: 1e9, y: 1e9 };
  const landmarks = { rightEye: { x: 0, y: 0 }, leftEye: far, nose: { x: 5, y: 5 }, rightMouth: far, leftMouth: { x: 0, y: 9 } };
  const contract = { side: 112, margin: 1, alignment: 'five-points' } as const;
  const { a, b } = placementOf({ box: square(10, 10, 56), landmarks }, contract);
  assert.ok(Math.abs(Math.hypot(a, b) - 0.5) < 1e-9);
});

test('channels come in the order that is asked for, each normalized by itself', () => {
  const frame = paint(() => [20, 30, 40]);
  const channels = (color: 'rgb' | 'bgr') => {
    const cropper = new FaceCropper({ side: 4, color, mean: [10, 20, 30], std: [1, 2, 5] });
    const target = new Float32Array(cropper.length);
    cropper.crop(frame, placementOf({ box: square(40, 40, 60) }, { ...GREY, side: 4 }), target);
    return [0, 16, 32].map((at) => Math.round((target[at] as number) * 1000) / 1000);
  };
  assert.deepEqual(channels('rgb'), [30, 0, 0]);
  assert.deepEqual(channels('bgr'), [20, 0, 2]);
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

test('wherever a bad detection lies, the picture is of pixels of the frame', () => {
  const frame = grey((x, y) => 20 + ((x + y) % 200));
  const far = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  const points = fc.record({ x: fc.double(), y: fc.double() });
  const landmarks = fc.record({ rightEye: points, leftEye: points, nose: points, rightMouth: points, leftMouth: points });
  const boxes = fc.record({ left: far, top: far, width: fc.double({ min: 1, max: 400, noNaN: true }), height: fc.constant(90) });
  const cropper = new FaceCropper(GREY);
  fc.assert(
    fc.property(boxes, landmarks, fc.constantFrom('upright', 'five-points'), (box, marks, alignment) => {
      const picture = new Float32Array(SIDE * SIDE);
      cropper.crop(frame, placementOf({ box, landmarks: marks }, { ...GREY, alignment }), picture);
      within(picture, 20, 219);
    }),
  );
});
