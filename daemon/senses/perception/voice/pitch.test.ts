import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PitchEstimator } from './pitch.ts';

const RATE = 16_000;
const LENGTH = 640;
const estimator = () => new PitchEstimator(RATE, LENGTH);

/** A voice-like tone: harmonics that fall off by 6 dB an octave. */
const tone = (hertz: number, phase: number, gain = 0.3) =>
  Float32Array.from({ length: LENGTH }, (_, i) => {
    let sum = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) sum += Math.sin(2 * Math.PI * harmonic * hertz * (i / RATE) + phase) / harmonic;
    return gain * sum;
  });

test('finds the pitch of a harmonic tone within half a percent, whatever its loudness and phase', () => {
  const hertz = fc.double({ min: 80, max: 450, noNaN: true });
  const phase = fc.double({ min: 0, max: 6, noNaN: true });
  const gain = fc.double({ min: 0.01, max: 0.4, noNaN: true });
  fc.assert(
    fc.property(hertz, phase, gain, (expected, shift, loudness) => {
      const found = estimator().estimate(tone(expected, shift, loudness));
      assert.ok(Math.abs(found / expected - 1) < 0.005, `${expected} Hz read as ${found}`);
    }),
  );
});

test('silence and noise have no pitch', () => {
  assert.equal(estimator().estimate(new Float32Array(LENGTH)), 0);
  let seed = 1;
  const noise = Float32Array.from({ length: LENGTH }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  });
  assert.equal(estimator().estimate(noise), 0);
});
