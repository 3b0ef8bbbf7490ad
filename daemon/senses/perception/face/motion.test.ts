import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../frame.ts';
import { MotionGate } from './motion.ts';

/** A grey room with a bright square in it. */
function room(square: number, options: { light?: number; width?: number } = {}): Frame {
  const { light = 90, width = 640 } = options;
  const height = 360;
  const data = new Uint8Array(width * height * 3).fill(light);
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 100; y < 140; y++) data.fill(200, (plane * height + y) * width + square, (plane * height + y) * width + square + 40);
  }
  return { data, width, height, at: 0 };
}

test('the first frame and one of another size count as motion, a still one does not', () => {
  const gate = new MotionGate();
  assert.equal(gate.moved(room(100)), true);
  assert.equal(gate.moved(room(100)), false);
  assert.equal(gate.moved(room(100, { width: 320 })), true);
});

test('something the size of a face that moves a little is motion', () => {
  const gate = new MotionGate();
  gate.moved(room(100));
  assert.equal(gate.moved(room(108)), true);
});

test('slow change is noticed once it adds up', () => {
  const gate = new MotionGate();
  gate.moved(room(100, { light: 90 }));
  assert.deepEqual(
    [100, 110, 120, 130].map((light) => gate.moved(room(100, { light }))),
    [false, false, true, false],
  );
});
