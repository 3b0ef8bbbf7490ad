import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Landmarks, type Point, poseOf } from './landmarks.ts';

const FRONT: Landmarks = {
  rightEye: { x: -20, y: 0 },
  leftEye: { x: 20, y: 0 },
  nose: { x: 0, y: 24 },
  rightMouth: { x: -15, y: 40 },
  leftMouth: { x: 15, y: 40 },
};

const moved = (face: Landmarks, move: (point: Point) => Point): Landmarks =>
  Object.fromEntries(Object.entries(face).map(([name, point]) => [name, move(point)])) as unknown as Landmarks;

test('turned in the plane, moved and scaled, a head keeps yaw and pitch, and its roll is the turn', () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(number(-3, 3), number(0.5, 10), number(-500, 500), number(-15, 15), (turn, scale, shift, off) => {
      const face = { ...FRONT, nose: { x: off, y: 24 } };
      const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
      const { roll, yaw, pitch } = poseOf(moved(face, ({ x, y }) => ({ x: cos * x - sin * y + shift, y: sin * x + cos * y - shift })));
      assert.ok(Math.abs(roll - turn) < 1e-6 && Math.abs(yaw - off / 40) < 1e-6 && Math.abs(pitch - 0.6) < 1e-6);
    }),
  );
});

test('to the right of the picture is positive, and a raised head has a smaller pitch', () => {
  assert.ok(poseOf({ ...FRONT, nose: { x: 10, y: 24 } }).yaw > 0);
  assert.ok(poseOf({ ...FRONT, nose: { x: 0, y: 15 } }).pitch < poseOf(FRONT).pitch);
});

test('points that lie on one another still give numbers', () => {
  const { roll, yaw, pitch } = poseOf(moved(FRONT, () => ({ x: 7, y: 7 })));
  assert.ok([roll, yaw, pitch].every(Number.isFinite));
});
