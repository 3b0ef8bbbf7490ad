import { PitchEstimator } from './pitch.ts';
import { PowerSpectrum } from './spectrum.ts';
import { CHUNK, SAMPLE_RATE } from './vad.ts';

/** Samples per analysed frame (40 ms: two periods of the lowest pitch) and from frame to frame (16 ms). */
const FRAME = 640;
const HOP = 256;
const SPECTRUM = 512;
/** Frames this much quieter than the loud ones, dB, are not taken for the speaker's voice. */
const DYNAMIC_RANGE = 30;
/** Voiced frames that a reading needs: 0.3 s. */
const MIN_VOICED = 20;
const MAX_FRAMES = Math.ceil((6 * SAMPLE_RATE) / HOP);

/** How something was said. Means over the voiced frames. */
export interface Prosody {
  /** Median fundamental frequency, semitones above 100 Hz */
  pitch: number;
  /** Mean change of the fundamental frequency between neighbouring voiced frames, semitones in 16 ms */
  pitchMovement: number;
  /** Alpha ratio: level of 1..5 kHz over that of 50 Hz..1 kHz, dB (Eyben et al. 2016, "The Geneva minimalistic acoustic parameter set") */
  tilt: number;
  /** Level, dB below full scale (RMS) */
  level: number;
}

export const PROSODY_FEATURES = ['pitch', 'pitchMovement', 'tilt', 'level'] as const satisfies readonly (keyof Prosody)[];

/** Measures the voice while it speaks, chunk by chunk, and keeps numbers alone: no samples outlast the next call. */
export class ProsodyAnalyzer {
  readonly #pitchEstimator = new PitchEstimator(SAMPLE_RATE, FRAME);
  readonly #spectrum = new PowerSpectrum(SPECTRUM);
  readonly #buffer = new Float32Array(FRAME + CHUNK);
  #buffered = 0;
  readonly #pitch = new Float32Array(MAX_FRAMES);
  readonly #tilt = new Float32Array(MAX_FRAMES);
  readonly #level = new Float32Array(MAX_FRAMES);
  #frames = 0;

  /** Takes the next samples, CHUNK at most, in -1..1. Beyond 6 s nothing more is measured. */
  push(samples: Float32Array): void {
    this.#buffer.set(samples, this.#buffered);
    this.#buffered += samples.length;
    let start = 0;
    for (; start + FRAME <= this.#buffered; start += HOP) this.#analyze(this.#buffer.subarray(start, start + FRAME));
    this.#buffer.copyWithin(0, start, this.#buffered);
    this.#buffered -= start;
  }

  /** The prosody of what was pushed since the last call, or null where too little of it was voiced (whispering, noise). Starts anew. */
  finish(): Prosody | null {
    const prosody = this.#summarize();
    this.#frames = 0;
    this.#buffered = 0;
    this.#buffer.fill(0);
    return prosody;
  }

  #analyze(frame: Float32Array): void {
    if (this.#frames >= MAX_FRAMES) return;
    const at = this.#frames++;
    const pitch = this.#pitchEstimator.estimate(frame);
    this.#pitch[at] = pitch > 0 ? 12 * Math.log2(pitch / 100) : Number.NaN;
    this.#level[at] = levelOf(frame);
    if (pitch > 0) {
      this.#spectrum.compute(frame);
      this.#tilt[at] = alphaRatio(this.#spectrum.power);
    }
  }

  #summarize(): Prosody | null {
    const loud = percentile(this.#level.slice(0, this.#frames), 0.95);
    const voiced: number[] = [];
    for (let i = 0; i < this.#frames; i++) {
      if (!Number.isNaN(this.#pitch[i]) && (this.#level[i] as number) > loud - DYNAMIC_RANGE) voiced.push(i);
    }
    if (voiced.length < MIN_VOICED) return null;
    const of = (values: Float32Array) => Float32Array.from(voiced, (i) => values[i] as number);
    return {
      pitch: percentile(of(this.#pitch), 0.5),
      pitchMovement: this.#movement(voiced),
      tilt: mean(of(this.#tilt)),
      level: mean(of(this.#level)),
    };
  }

  #movement(voiced: readonly number[]): number {
    const steps: number[] = [];
    for (const [at, frame] of voiced.entries()) {
      if (voiced[at - 1] === frame - 1) steps.push(Math.abs((this.#pitch[frame] as number) - (this.#pitch[frame - 1] as number)));
    }
    return steps.length > 0 ? mean(steps) : 0;
  }
}

/** RMS level of samples in -1..1, dB below full scale, not under -100. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] as number) ** 2;
  return 10 * Math.log10(sum / samples.length + 1e-10);
}

function alphaRatio(power: Float32Array): number {
  return 10 * Math.log10((bandPower(power, 1000, 5000) + 1e-12) / (bandPower(power, 50, 1000) + 1e-12));
}

/** Sum of the bins from `low` up to but not including `high`, Hz. */
function bandPower(power: Float32Array, low: number, high: number): number {
  const binWidth = SAMPLE_RATE / SPECTRUM;
  let sum = 0;
  for (let bin = Math.round(low / binWidth); bin < Math.round(high / binWidth); bin++) sum += power[bin] as number;
  return sum;
}

/** Sorts `values` in place. NaN for none. */
function percentile(values: Float32Array, share: number): number {
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
