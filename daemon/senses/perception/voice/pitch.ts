/** Where a fundamental frequency is looked for, Hz: a low male voice to a shouting child. */
export const MIN_PITCH = 65;
export const MAX_PITCH = 500;

/** Below this aperiodicity a frame counts as voiced (de Cheveigné & Kawahara 2002 use 0.1 for accuracy; speech in a room needs more). */
const THRESHOLD = 0.2;

/**
 * YIN (de Cheveigné & Kawahara 2002, "YIN, a fundamental frequency estimator for speech and music", steps 2 to 5: difference
 * function, cumulative mean normalization, absolute threshold, parabolic interpolation). Keeps its buffers between frames.
 */
export class PitchEstimator {
  readonly #sampleRate: number;
  readonly #window: number;
  readonly #minLag: number;
  readonly #maxLag: number;
  readonly #normalized: Float32Array;

  /** `frameLength` in samples; what it exceeds the longest lag by is the integration window. */
  constructor(sampleRate: number, frameLength: number) {
    this.#sampleRate = sampleRate;
    this.#minLag = Math.floor(sampleRate / MAX_PITCH);
    this.#maxLag = Math.ceil(sampleRate / MIN_PITCH);
    this.#window = frameLength - this.#maxLag - 1;
    this.#normalized = new Float32Array(this.#maxLag + 2);
  }

  /** Fundamental frequency of the frame in Hz, or 0 where it is not voiced. Lags are tried from the shortest, up to the first dip. */
  estimate(frame: Float32Array): number {
    const normalized = this.#normalized;
    normalized[0] = 1;
    let running = 0;
    for (let lag = 1; lag <= this.#maxLag + 1; lag++) {
      const difference = this.#difference(frame, lag);
      running += difference;
      normalized[lag] = running > 0 ? (difference * lag) / running : 1;
      if (this.#isDip(lag - 1)) return this.#sampleRate / this.#refine(lag - 1);
    }
    return 0;
  }

  #difference(frame: Float32Array, lag: number): number {
    const window = this.#window;
    let sum = 0;
    for (let i = 0; i < window; i++) {
      const step = (frame[i] as number) - (frame[i + lag] as number);
      sum += step * step;
    }
    return sum;
  }

  #isDip(lag: number): boolean {
    if (lag < this.#minLag) return false;
    const here = this.#normalized[lag] as number;
    return here < THRESHOLD && (this.#normalized[lag + 1] as number) >= here;
  }

  #refine(lag: number): number {
    const before = this.#normalized[lag - 1] as number;
    const here = this.#normalized[lag] as number;
    const after = this.#normalized[lag + 1] as number;
    const curvature = before - 2 * here + after;
    return curvature > 0 ? lag + (before - after) / (2 * curvature) : lag;
  }
}
