/** Where a fundamental frequency is looked for, Hz: a low male voice to a shouting child. */
export const MIN_PITCH = 65;
export const MAX_PITCH = 500;

/** Below this aperiodicity a frame counts as voiced (de Cheveigné & Kawahara 2002 use 0.1 for accuracy; speech in a room needs more). */
const THRESHOLD = 0.2;

const LAGS_AT_ONCE = 4;

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
  readonly #difference = new Float64Array(LAGS_AT_ONCE);

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
      const at = (lag - 1) % LAGS_AT_ONCE;
      if (at === 0) this.#differences(frame, lag);
      const difference = this.#difference[at] as number;
      running += difference;
      normalized[lag] = running > 0 ? (difference * lag) / running : 1;
      if (this.#isDip(lag - 1)) return this.#sampleRate / this.#refine(lag - 1);
    }
    return 0;
  }

  /** The difference function of `LAGS_AT_ONCE` lags from `lag` on: every sample is then read once for all of them. */
  #differences(frame: Float32Array, lag: number): void {
    const window = this.#window;
    let [b0, b1, b2] = [frame[lag] as number, frame[lag + 1] as number, frame[lag + 2] as number];
    let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
    for (let i = 0, j = lag + 3; i < window; i++, j++) {
      const a = frame[i] as number;
      const b3 = frame[j] as number;
      const d0 = a - b0;
      const d1 = a - b1;
      const d2 = a - b2;
      const d3 = a - b3;
      sum0 += d0 * d0;
      sum1 += d1 * d1;
      sum2 += d2 * d2;
      sum3 += d3 * d3;
      b0 = b1;
      b1 = b2;
      b2 = b3;
    }
    const difference = this.#difference;
    difference[0] = sum0;
    difference[1] = sum1;
    difference[2] = sum2;
    difference[3] = sum3;
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
