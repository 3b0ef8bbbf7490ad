import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PowerSpectrum } from './spectrum.ts';

const SIZE = 64;

/** The definition, term by term. */
function directPower(samples: readonly number[]): number[] {
  return Array.from({ length: SIZE / 2 + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (const [i, sample] of samples.entries()) {
      const windowed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
      re += windowed * Math.cos((2 * Math.PI * k * i) / SIZE);
      im -= windowed * Math.sin((2 * Math.PI * k * i) / SIZE);
    }
    return re * re + im * im;
  });
}

test('equals the Fourier transform by its definition', () => {
  const spectrum = new PowerSpectrum(SIZE);
  const samples = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: SIZE, maxLength: SIZE });
  fc.assert(
    fc.property(samples, (values) => {
      spectrum.compute(Float32Array.from(values));
      for (const [bin, expected] of directPower(values).entries()) {
        assert.ok(Math.abs((spectrum.power[bin] as number) - expected) < 1e-3);
      }
    }),
  );
});
