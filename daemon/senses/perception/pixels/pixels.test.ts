import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../frame.ts';
import { CELL, CELL_ROW_STEP, Pixels } from './pixels.ts';

const read = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));

const frames = fc
  .record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
  .map(({ width, height, seed }): Frame => {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
    return { data, width, height, at: 0 };
  });

const planes = fc.constantFrom(0, 1, 2);

const pixelOf =
  ({ data, width, height }: Frame, plane: number) =>
  (x: number, y: number): number => {
    const [column, row] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
    return data[(plane * height + row) * width + column] as number;
  };

test('halves are the means of two by two pixels', () => {
  const pixels = new Pixels();
  fc.assert(
    fc.property(frames, planes, (frame, plane) => {
      const pixel = pixelOf(frame, plane);
      const expected: number[] = [];
      for (let y = 0; y + 1 < frame.height; y += 2) {
        for (let x = 0; x + 1 < frame.width; x += 2) {
          expected.push((pixel(x, y) + pixel(x + 1, y) + pixel(x, y + 1) + pixel(x + 1, y + 1)) / 4);
        }
      }
      assert.deepEqual([...pixels.halves(frame, plane)], expected);
    }),
  );
});

test('cells are sums of every second row, fewer pixels at the edges', () => {
  const pixels = new Pixels();
  fc.assert(
    fc.property(frames, planes, (frame, plane) => {
      const pixel = pixelOf(frame, plane);
      const expected: number[] = [];
      for (let top = 0; top < frame.height; top += CELL) {
        for (let left = 0; left < frame.width; left += CELL) {
          let sum = 0;
          for (let y = top; y < Math.min(top + CELL, frame.height); y += CELL_ROW_STEP) {
            for (let x = left; x < Math.min(left + CELL, frame.width); x++) sum += pixel(x, y);
          }
          expected.push(sum);
        }
      }
      assert.deepEqual([...pixels.cellSums(frame, plane)], expected);
    }),
  );
});

/** The means of blocks as they are: one value of the picture for each. */
const asTheyAre = (side: number) => ({ a: 1, b: 0, starts: [{ x: 0, y: 0 }], side });

test('blocks are means of whole pixels, and beyond the frame its edge goes on', () => {
  const pixels = new Pixels();
  const blocks = fc.record({
    left: fc.integer({ min: -120, max: 120 }),
    top: fc.integer({ min: -120, max: 120 }),
    side: fc.integer({ min: 1, max: 9 }),
    factor: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(256)),
  });
  fc.assert(
    fc.property(frames, planes, blocks, (frame, plane, { left, top, side, factor }) => {
      const pixel = pixelOf(frame, plane);
      const expected: number[] = [];
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          let sum = 0;
          for (let y = 0; y < factor; y++) {
            for (let x = 0; x < factor; x++) sum += pixel(left + column * factor + x, top + row * factor + y);
          }
          expected.push(Math.fround(sum / factor ** 2));
        }
      }
      const region = { left, top, columns: side + 1, rows: side + 1, factor };
      const mix = [0, 1, 2].map((each) => (each === plane ? 1 : 0));
      const means = pixels.picture(frame, region, { mix, sampling: asTheyAre(side) });
      for (const [i, each] of expected.entries()) assert.ok(Math.abs((means[i] as number) - each) <= 1e-4, `${means[i]} for ${each}`);
    }),
    { numRuns: 60 },
  );
});

test('white does not overflow, in the largest blocks either', () => {
  const [width, height] = [600, 520];
  const frame: Frame = { data: new Uint8Array(3 * width * height).fill(255), width, height, at: 0 };
  const region = { left: 0, top: 0, columns: 2, rows: 2, factor: 256 };
  assert.deepEqual([...new Pixels().picture(frame, region, { mix: [0, 0, 1], sampling: asTheyAre(1) })], [255]);
});

test('between blocks a picture is interpolated, and of several the mean is made', () => {
  const width = 8;
  const ramp: Frame = {
    data: Uint8Array.from({ length: 3 * width * width }, (_, i) => 10 * (i % width) + Math.floor((i % 64) / width)),
    width,
    height: width,
    at: 0,
  };
  const region = { left: 0, top: 0, columns: width, rows: width, factor: 1 };
  const turned = {
    a: 0.6,
    b: 0.8,
    starts: [
      { x: 3, y: 1 },
      { x: 3.5, y: 1.25 },
    ],
    side: 3,
  };
  const picture = new Pixels().picture(ramp, region, { mix: [0.25, 0.25, 0.5], sampling: turned });
  for (let v = 0; v < 3; v++) {
    for (let u = 0; u < 3; u++) {
      const [x, y] = [3.25 + 0.6 * u - 0.8 * v, 1.125 + 0.8 * u + 0.6 * v];
      assert.ok(Math.abs((picture[3 * v + u] as number) - (10 * x + y)) < 1e-4);
    }
  }
});

test('one frame is never taken for another', () => {
  const pixels = new Pixels();
  const grey = (value: number, width = 32): Frame => ({ data: new Uint8Array(3 * width * 16).fill(value), width, height: 16, at: 0 });
  const [dark, light] = [grey(10), grey(200)];
  for (const [frame, value] of [
    [dark, 10],
    [light, 200],
    [grey(30, 640), 30],
    [dark, 10],
  ] as const) {
    for (const plane of [0, 1, 2]) assert.ok(pixels.halves(frame, plane).every((each) => each === value));
  }
});

test('kernels.wasm was made of the kernels.assembly.ts beside it', () => {
  const [made] = WebAssembly.Module.customSections(new WebAssembly.Module(read('./kernels.wasm')), 'source-sha256');
  const source = createHash('sha256').update(read('./kernels.assembly.ts')).digest('hex');
  assert.equal(made && Buffer.from(made).toString('hex'), source, 'run `npm run kernels`');
});
