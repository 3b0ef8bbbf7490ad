import type { SoundBlock } from './wrtc.ts';

/** Zero crossings of the sinc on either side: the stop band begins close above the pass band, at about -80 dB. */
const CROSSINGS = 16;
/** Share of the lower of the two Nyquist frequencies that passes. */
const ROLL_OFF = 0.92;
/** Shape of the Kaiser window: side lobes about 80 dB down. */
const BETA = 8;

/**
 * Turns blocks of sound of any rate into one rate, mono, without a seam: a windowed sinc (Smith, "Digital Audio Resampling
 * Home Page", CCRMA) evaluated for each output sample at its place among the input samples. A block of another rate than the
 * last, as WebRTC gives when its first packet arrives, begins a new series where the old one ends.
 */
export class Resampler {
  readonly #rate: number;
  #from = 0;
  /** Taps for each of the places that an output sample can have between two input samples. */
  #phases: Float32Array[] = [];
  /** Input samples on either side of an output sample. */
  #radius = 0;
  /** Input samples that further outputs still need. */
  #history = new Float32Array(0);
  /** Place of the next output sample in `#history`, in whole samples and phases. */
  #at = 0;
  #phase = 0;

  /** @param rate Hz of what comes out */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** The samples that this block completes. */
  push(block: SoundBlock): Int16Array {
    if (block.sampleRate === this.#from) return this.#take(mixed(block));
    // What the last samples of the other rate still waited for is silence.
    const rest = this.#take(new Float32Array(this.#radius));
    this.#begin(block.sampleRate);
    return Int16Array.of(...rest, ...this.#take(mixed(block)));
  }

  #take(samples: Float32Array): Int16Array {
    const input = new Float32Array(this.#history.length + samples.length);
    input.set(this.#history);
    input.set(samples, this.#history.length);
    const output = this.#interpolate(input);
    const used = Math.max(0, this.#at - this.#radius);
    this.#history = input.slice(used);
    this.#at -= used;
    return output;
  }

  #begin(from: number): void {
    const shared = gcd(from, this.#rate);
    const phases = this.#rate / shared;
    const cutoff = (ROLL_OFF * Math.min(from, this.#rate)) / from;
    this.#from = from;
    this.#radius = Math.ceil(CROSSINGS / cutoff);
    this.#phases = Array.from({ length: phases }, (_, phase) => taps(phase / phases, { cutoff, radius: this.#radius }));
    // Silence before the first sample, so that it is the middle of the first taps.
    this.#history = new Float32Array(this.#radius);
    this.#at = this.#radius;
    this.#phase = 0;
  }

  #interpolate(input: Float32Array): Int16Array {
    if (this.#from === 0) return new Int16Array(0);
    const phases = this.#phases.length;
    const step = (this.#from * phases) / this.#rate;
    const most = Math.ceil(((input.length - this.#at) * phases) / step) + 1;
    const output = new Int16Array(Math.max(0, most));
    let count = 0;
    while (this.#at + this.#radius < input.length) {
      output[count++] = clampSample(weigh(input, this.#at - this.#radius + 1, this.#phases[this.#phase] as Float32Array));
      this.#phase += step;
      this.#at += Math.floor(this.#phase / phases);
      this.#phase %= phases;
    }
    return output.subarray(0, count);
  }
}

/** Weights of the input samples from `1 - radius` to `radius` for an output that lies `offset` (0..1) behind the one at 0. */
function taps(offset: number, { cutoff, radius }: { cutoff: number; radius: number }): Float32Array {
  const weights = Float32Array.from({ length: 2 * radius }, (_, index) => {
    const distance = index + 1 - radius - offset;
    return sinc(distance * cutoff) * kaiser(distance / radius);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function weigh(input: Float32Array, from: number, weights: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += (input[from + index] as number) * (weights[index] as number);
  return sum;
}

function mixed({ samples, channelCount }: SoundBlock): Float32Array {
  if (channelCount === 1) return Float32Array.from(samples);
  const mono = new Float32Array(Math.floor(samples.length / channelCount));
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < channelCount; channel++) sum += samples[index * channelCount + channel] as number;
    mono[index] = sum / channelCount;
  }
  return mono;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Kaiser window at `x` of -1..1 (Oppenheim & Schafer, "Discrete-Time Signal Processing", 7.5.3). */
const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA));

/** Modified Bessel function of the first kind and order zero, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

const clampSample = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));
