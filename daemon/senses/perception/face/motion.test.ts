import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { decodeFrames } from '../../../../test/helpers/decode.ts';
import { emptyRoom } from '../../../../test/helpers/media.ts';
import { needs } from '../../../../test/helpers/needs.ts';
import type { Frame } from '../frame.ts';
import { MotionGate } from './motion.ts';

/** Uniform in 0..1, the same at every run (Park & Miller 1988, "Random number generators: good ones are hard to find"). */
function randomness(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

interface Scene {
  /** Left edge of a square of 40 px, and how bright it is. */
  square: number;
  bright?: number;
  light?: number;
  width?: number;
  at?: number;
  /** Standard deviation of the noise on every pixel, grey levels. */
  noise?: number;
}

/** Nearly Gaussian, variance one: four uniform numbers have one of a third together. */
function gaussian(random: () => number): Float32Array {
  return Float32Array.from({ length: 50_021 }, () => (random() + random() + random() + random() - 2) * Math.sqrt(3));
}

/** A grey room with a square in it. */
function scenes(): (scene: Scene) => Frame {
  const random = randomness();
  const deviations = gaussian(random);
  return ({ square, bright = 200, light = 90, width = 640, at = 0, noise = 0 }) => {
    const height = 360;
    const data = new Uint8Array(width * height * 3).fill(light);
    for (let y = 100; y < 140; y++) data.fill(bright, y * width + square, y * width + square + 40);
    let next = Math.floor(random() * deviations.length);
    for (let i = 0; noise > 0 && i < width * height; i++) {
      next = (next + 1) % deviations.length;
      data[i] = Math.round((data[i] as number) + noise * (deviations[next] as number));
    }
    return { data, width, height, at };
  };
}

test('the first frame and one of another size count as motion, a still one does not', () => {
  const [gate, room] = [new MotionGate(), scenes()];
  assert.equal(gate.moved(room({ square: 100 })), true);
  assert.equal(gate.moved(room({ square: 100 })), false);
  assert.equal(gate.moved(room({ square: 100, width: 320 })), true);
});

test('something the size of a face that moves a little is motion, in the noise of a dark room too', () => {
  for (const noise of [0, 6, 12]) {
    const [gate, room] = [new MotionGate(), scenes()];
    gate.moved(room({ square: 100, bright: 60, light: 30, noise }));
    assert.equal(gate.moved(room({ square: 116, bright: 60, light: 30, noise, at: 1000 })), true, `noise of ${noise}`);
  }
});

test('noise is no motion, however strong', () => {
  for (const noise of [3, 8, 16, 25]) {
    const [gate, room] = [new MotionGate(), scenes()];
    const moved = Array.from({ length: 20 }, (_, index) => gate.moved(room({ square: 100, noise, at: index * 1000 })));
    assert.deepEqual(moved.slice(1).filter(Boolean), [], `noise of ${noise}`);
  }
});

test('light that comes or goes everywhere is no motion', () => {
  const [gate, room] = [new MotionGate(), scenes()];
  const lights = [90, 94, 100, 110, 120, 130, 100, 80];
  const moved = lights.map((light, index) => gate.moved(room({ square: 100, bright: light + 60, light, at: index * 1000 })));
  assert.deepEqual(moved.slice(1).filter(Boolean), []);
});

test('who comes in slowly is noticed once the way adds up', () => {
  const [gate, room] = [new MotionGate(), scenes()];
  const at = (second: number) => ({ square: 100 + second, bright: 70, light: 40, noise: 6, at: second * 1000 });
  const moved = Array.from({ length: 20 }, (_, second) => gate.moved(room(at(second))));
  const noticed = moved.indexOf(true, 1);
  assert.ok(noticed > 0 && noticed <= 10, `at 1 px a second it took ${noticed} s`);
});

test('what stays is no motion any more', () => {
  const [gate, room] = [new MotionGate(), scenes()];
  gate.moved(room({ square: 100 }));
  assert.equal(gate.moved(room({ square: 300, at: 1000 })), true);
  assert.equal(gate.moved(room({ square: 300, at: 2000 })), false);
});

for (const light of [1, 0.25]) {
  const room = light === 1 ? 'a lit room' : 'a dark room';
  test(
    `the noise of ${room}, as an H.264 stream carries it, is no motion`,
    needs('ffmpeg', 'datasets/photos-facefree/100_bathroom.jpg'),
    async () => {
      const film = emptyRoom({ seconds: 3, light });
      const frames = await decodeFrames(film, { width: 640, height: 360, fps: 5 });
      const gate = new MotionGate();
      const moved = frames.map((frame) => gate.moved(frame));
      // In the first second the encoder is finding its rate, and the gate learns what noise there is.
      assert.deepEqual(moved.slice(5).filter(Boolean), []);
      rmSync(dirname(film), { recursive: true });
    },
  );
}
