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

  /** Fundamental frequency of the frame in Hz, or 0 where it is not voiced. */
  estimate(frame: Float32Array): number {
    this.#difference(frame);
    const lag = this.#firstDip();
    return lag === 0 ? 0 : this.#sampleRate / this.#refine(lag);
  }

  #difference(frame: Float32Array): void {
    const normalized = this.#normalized;
    const window = this.#window;
    normalized[0] = 1;
    let running = 0;
    for (let lag = 1; lag < normalized.length; lag++) {
      let difference = 0;
      for (let i = 0; i < window; i++) {
        const step = (frame[i] as number) - (frame[i + lag] as number);
        difference += step * step;
      }
      running += difference;
      normalized[lag] = running > 0 ? (difference * lag) / running : 1;
    }
  }

  #firstDip(): number {
    const normalized = this.#normalized;
    for (let lag = this.#minLag; lag <= this.#maxLag; lag++) {
      if ((normalized[lag] as number) >= THRESHOLD) continue;
      while (lag < this.#maxLag && (normalized[lag + 1] as number) < (normalized[lag] as number)) lag++;
      return lag;
    }
    return 0;
  }

  #refine(lag: number): number {
    const before = this.#normalized[lag - 1] as number;
    const here = this.#normalized[lag] as number;
    const after = this.#normalized[lag + 1] as number;
    const curvature = before - 2 * here + after;
    return curvature > 0 ? lag + (before - after) / (2 * curvature) : lag;
  }
}
