import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Band, blackOut, maskBands, type Point, type Polygon } from './mask.ts';

const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const polygon = fc.array(fc.tuple(share, share), { minLength: 3, maxLength: 12 });

/** What interpolation along an edge may lose. */
const EPSILON = 1e-12;

/** How often the line goes around the point (Sunday 2001, "Inclusion of a Point in a Polygon"): 0 outside. */
function winding(polygon: Polygon, [x, y]: Point): number {
  let turns = 0;
  for (const [index, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(index + 1) % polygon.length] as Point;
    const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (ay <= y && by > y && side > 0) turns++;
    if (ay > y && by <= y && side < 0) turns--;
  }
  return turns;
}

const covers = (bands: readonly Band[], [x, y]: Point): boolean =>
  bands.some(({ left, top, right, bottom }) => x >= left - EPSILON && x <= right + EPSILON && y >= top && y <= bottom);

describe('maskBands', () => {
  it('covers every point inside, of polygons that cross themselves too', () => {
    fc.assert(
      fc.property(
        fc.array(polygon, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(share, share), { minLength: 50 }),
        (polygons, points) => {
          const bands = maskBands(polygons);
          for (const point of points) {
            if (polygons.some((each) => winding(each, point) !== 0)) assert.ok(covers(bands, point), `${point} is not covered`);
          }
        },
      ),
    );
  });

  it('covers nothing that is more than a step away', () => {
    const triangle: Polygon = [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.5, 0.8],
    ];
    const bands = maskBands([triangle]);
    const grown: Polygon = [
      [0.15, 0.17],
      [0.85, 0.17],
      [0.5, 0.87],
    ];
    fc.assert(fc.property(share, share, (x, y) => winding(grown, [x, y]) !== 0 || !covers(bands, [x, y])));
  });

  it('leaves open what a concave mask leaves open', () => {
    const horseshoe: Polygon = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0.7, 1],
      [0.7, 0.3],
      [0.3, 0.3],
      [0.3, 1],
      [0, 1],
    ];
    const bands = maskBands([horseshoe]);
    assert.equal(covers(bands, [0.5, 0.6]), false);
    assert.equal(bands.length, 3);
  });

  it('gives a rectangle back as it is, and overlapping ones without overlap', () => {
    const square = (from: number, to: number): Polygon => [
      [from, from],
      [to, from],
      [to, to],
      [from, to],
    ];
    assert.deepEqual(maskBands([square(0.1, 0.4)]), [{ left: 0.1, top: 0.1, right: 0.4, bottom: 0.4 }]);
    assert.deepEqual(maskBands([square(0, 0.5), square(0.25, 1)]), [
      { left: 0, top: 0, right: 0.5, bottom: 0.25 },
      { left: 0, top: 0.25, right: 1, bottom: 0.5 },
      { left: 0.25, top: 0.5, right: 1, bottom: 1 },
    ]);
    assert.deepEqual(maskBands([]), []);
  });
});

describe('blackOut', () => {
  it('stays inside the picture, however an edge is rounded', () => {
    const data = new Uint8Array(2 * 6 + 2 * 3).fill(77);
    blackOut(
      { data, width: 2, height: 6 },
      maskBands([
        [
          [0, 0],
          [0.199, 0],
          [0, 0.172],
        ],
      ]),
    );
    assert.deepEqual([...data.subarray(0, 12)], [16, 77, 16, 77, ...new Array(8).fill(77)]);
  });

  it('blackens every pixel that the mask touches, brightness and colour, and no other', () => {
    const side = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(polygon, side, side, (mask, width, height) => {
        const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
        const data = new Uint8Array(width * height + 2 * chroma).fill(77);
        const bands = maskBands([mask]);
        blackOut({ data, width, height }, bands);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const touched = bands.some(
              (band) => band.left * width < x + 1 && band.right * width > x && band.top * height < y + 1 && band.bottom * height > y,
            );
            const colour = width * height + (y >> 1) * Math.ceil(width / 2) + (x >> 1);
            if (touched) assert.deepEqual([data[y * width + x], data[colour], data[colour + chroma]], [16, 128, 128]);
            else assert.ok(data[y * width + x] === 77 || bands.some((band) => band.left === band.right || band.top === band.bottom));
          }
        }
      }),
    );
  });
});
