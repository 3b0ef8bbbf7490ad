import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Landmarks } from './landmarks.ts';
import { faceQuality, LOOK, lookAt, qualityTerms } from './quality.ts';

const { side } = LOOK;
const picture = (grey: (x: number, y: number) => number): Float32Array =>
  Float32Array.from({ length: side * side }, (_, i) => Math.max(0, Math.min(255, grey(i % side, Math.floor(i / side)))));
/** As sharp and well lit as faces come. */
const clear = picture((x, y) => 128 + 70 * Math.sin(x / 2) * Math.cos(y / 2));
const box = (width: number) => ({ left: 0, top: 0, width, height: width });

/** A face of 100 px seen from the front, its nose moved by shares of the distance of the eyes. */
function facing(noseRight: number, noseDown: number): Landmarks {
  const eyes = { rightEye: { x: 30, y: 40 }, leftEye: { x: 70, y: 40 } };
  const nose = { x: 50 + 40 * noseRight, y: 40 + 0.57 * 40 + 40 * noseDown };
  return { ...eyes, nose, rightMouth: { x: 35, y: 80 }, leftMouth: { x: 65, y: 80 } };
}

describe('quality', () => {
  test('a large, sharp, well lit face from the front has all of it', () => {
    assert.deepEqual(qualityTerms({ box: box(100), landmarks: facing(0, 0) }, clear), { size: 1, sharpness: 1, light: 1, pose: 1 });
    assert.equal(faceQuality({ box: box(100), landmarks: facing(0, 0), score: 0.9 }, clear), 0.9);
  });

  test('each property takes it away by itself', () => {
    const terms = (width: number, landmarks: Landmarks, look: Float32Array) => qualityTerms({ box: box(width), landmarks }, look);
    const front = facing(0, 0);
    assert.ok(terms(22, front, clear).size === 0.5);
    assert.ok(
      terms(
        100,
        front,
        picture((x, y) => 128 + 60 * Math.sin((x + y) / 12)),
      ).sharpness < 0.3,
    );
    assert.ok(
      terms(
        100,
        front,
        picture((x, y) => 10 + 0.1 * (clear[y * side + x] as number)),
      ).light === 0,
    );
    assert.ok(
      terms(
        100,
        front,
        picture((x, y) => 170 + (clear[y * side + x] as number)),
      ).light < 0.3,
    );
    assert.ok(terms(100, facing(0.9, 0), clear).pose < 0.6);
    assert.ok(terms(100, facing(0, 0.4), clear).pose < 0.5);
    assert.ok(terms(100, facing(0, -0.4), clear).pose < 0.5);
  });

  test('half the light takes little, and makes a picture neither sharper nor less sharp', () => {
    const dim = clear.map((grey) => grey / 2);
    assert.ok(Math.abs(lookAt(dim).sharpness - lookAt(clear).sharpness) < 0.01);
    assert.ok(qualityTerms({ box: box(100) }, dim).light > 0.6);
  });

  test('it lies between 0 and the score, whatever the picture and wherever the landmarks', () => {
    const point = fc.record({ x: fc.double({ min: -1e6, max: 1e6, noNaN: true }), y: fc.double({ min: -1e6, max: 1e6, noNaN: true }) });
    const landmarks = fc.record({ rightEye: point, leftEye: point, nose: point, rightMouth: point, leftMouth: point });
    const flat = fc.integer({ min: 0, max: 255 }).map((grey) => picture(() => grey));
    fc.assert(
      fc.property(
        landmarks,
        fc
          .constantFrom(
            clear,
            picture(() => 255),
          )
          .chain((look) => fc.oneof(fc.constant(look), flat)),
        fc.double({ min: 0.01, max: 900, noNaN: true }),
        (points, look, width) => {
          const quality = faceQuality({ box: box(width), landmarks: points, score: 0.8 }, look);
          assert.ok(quality >= 0 && quality <= 0.8, String(quality));
        },
      ),
    );
  });
});
