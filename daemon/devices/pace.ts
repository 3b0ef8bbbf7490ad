import type { LaneLimits } from './adapter.ts';

/** Rounding of sums of milliseconds must not make a permit wait for one more timer. */
const EPSILON_MS = 1e-6;

/**
 * A token bucket in the form of the generic cell rate algorithm (ITU-T I.371): instead of counting tokens it remembers
 * when the bucket will be full again, so that no rounding adds up.
 */
export class Pace {
  readonly #interval: number;
  readonly #tolerance: number;
  #full = Number.NEGATIVE_INFINITY;

  constructor({ rate, burst }: Pick<LaneLimits, 'rate' | 'burst'>) {
    this.#interval = 1000 / rate;
    this.#tolerance = (burst - 1) * this.#interval;
  }

  /** Milliseconds until one more may go; 0 if it may go now. */
  wait(now: number): number {
    const wait = this.#full - this.#tolerance - now;
    return wait > EPSILON_MS ? wait : 0;
  }

  take(now: number): void {
    this.#full = Math.max(this.#full, now) + this.#interval;
  }
}

export interface BackoffOptions {
  /** ms before the first retry */
  first: number;
  /** ms, never exceeded */
  longest: number;
}

/**
 * Exponential backoff with equal jitter: half of the step is certain, the other half drawn, so that retries spread out
 * and still never come at once.
 * @param attempt 1 for the first retry
 * @param random uniform in [0, 1)
 * @returns ms
 */
export function backoff({ first, longest }: BackoffOptions, attempt: number, random: () => number): number {
  const step = Math.min(longest, first * 2 ** (attempt - 1));
  return step / 2 + (step / 2) * random();
}
