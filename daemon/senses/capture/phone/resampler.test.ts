import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Resampler } from './resampler.ts';

const tone = ({ rate, hertz, ms, amplitude = 10_000 }: { rate: number; hertz: number; ms: number; amplitude?: number }): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1000 }, (_, index) => amplitude * Math.sin((2 * Math.PI * hertz * index) / rate));

function resample(resampler: Resampler, samples: Int16Array, rate: number, block = rate / 100): number[] {
  const out: number[] = [];
  for (let at = 0; at < samples.length; at += block) {
    out.push(...resampler.push({ samples: samples.subarray(at, at + block), sampleRate: rate, channelCount: 1 }));
  }
  return out;
}

/** Root mean square of what is not the tone that should be there, in units of its amplitude; after `skip` samples. */
function distortion(samples: readonly number[], { hertz, amplitude = 10_000 }: { hertz: number; amplitude?: number }): number {
  const middle = samples.slice(400, -400);
  const angle = (index: number) => (2 * Math.PI * hertz * index) / 16_000;
  const sum = (weight: (index: number) => number) => middle.reduce((total, value, index) => total + value * weight(index), 0);
  const [a, b] = [(2 * sum((i) => Math.sin(angle(i)))) / middle.length, (2 * sum((i) => Math.cos(angle(i)))) / middle.length];
  const error = middle.reduce((total, value, i) => total + (value - a * Math.sin(angle(i)) - b * Math.cos(angle(i))) ** 2, 0);
  return Math.sqrt(error / middle.length) / amplitude;
}

describe('Resampler', () => {
  for (const rate of [8000, 16_000, 32_000, 44_100, 48_000]) {
    it(`keeps a tone from ${rate} Hz clean, at its loudness`, () => {
      const out = resample(new Resampler(16_000), tone({ rate, hertz: 1000, ms: 1000 }), rate);
      assert.ok(Math.abs(out.length - 16_000) < 40, `${out.length} samples`);
      assert.ok(distortion(out, { hertz: 1000 }) < 0.001);
      assert.ok(Math.abs(Math.max(...out.slice(400, -400)) - 10_000) < 60);
    });
  }

  it('lets nothing through that 16 kHz cannot hold', () => {
    const out = resample(new Resampler(16_000), tone({ rate: 48_000, hertz: 9000, ms: 500 }), 48_000);
    assert.ok(Math.max(...out.slice(400, -400).map(Math.abs)) < 10, 'below -60 dB');
  });

  it('gives the same whatever the blocks', () => {
    const whole = resample(new Resampler(16_000), tone({ rate: 48_000, hertz: 440, ms: 200 }), 48_000, 9600);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (block) => {
        const cut = resample(new Resampler(16_000), tone({ rate: 48_000, hertz: 440, ms: 200 }), 48_000, block);
        assert.deepEqual(cut, whole);
      }),
      { numRuns: 20 },
    );
  });

  it('loses nothing where 16 kHz becomes 48 kHz, and makes no click', () => {
    const resampler = new Resampler(16_000);
    const before = resample(resampler, tone({ rate: 16_000, hertz: 250, ms: 300 }), 16_000);
    const after = resample(resampler, tone({ rate: 48_000, hertz: 250, ms: 300 }), 48_000);
    assert.ok(Math.abs(before.length + after.length - 9600) <= 32, `${before.length + after.length} samples`);
    const steps = [...before, ...after].map((value, index, all) => Math.abs(value - (all[index - 1] ?? value)));
    assert.ok(Math.max(...steps) < 5000, `a step of ${Math.max(...steps)}`);
  });

  it('mixes channels', () => {
    const resampler = new Resampler(16_000);
    const samples = Int16Array.from({ length: 3200 }, (_, index) => (index % 2 === 0 ? 8000 : 4000));
    const out = resampler.push({ samples, sampleRate: 16_000, channelCount: 2 });
    assert.ok(out.slice(200, -100).every((value) => Math.abs(value - 6000) <= 1));
  });

  it('does not overflow', () => {
    const out = resample(
      new Resampler(16_000),
      tone({ rate: 48_000, hertz: 300, ms: 200, amplitude: 32_767 }).map((v) => (v > 0 ? 32_767 : -32_768)),
      48_000,
    );
    assert.ok(out.every((value) => value >= -32_768 && value <= 32_767));
    assert.ok(out.some((value) => value === 32_767));
  });
});
