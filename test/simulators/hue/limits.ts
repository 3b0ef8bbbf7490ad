import type { SimulatorClock } from './clock.ts';

/** Lets `max` commands pass in any `window` milliseconds; what it refuses does not count. */
export class RateWindow {
  readonly #clock: SimulatorClock;
  readonly #max: number;
  readonly #window: number;
  #passedAt: number[] = [];

  constructor(clock: SimulatorClock, max: number, window = 1000) {
    this.#clock = clock;
    this.#max = max;
    this.#window = window;
  }

  pass(): boolean {
    const now = this.#clock.mono();
    this.#passedAt = this.#passedAt.filter((at) => now - at < this.#window);
    if (this.#passedAt.length >= this.#max) return false;
    this.#passedAt.push(now);
    return true;
  }
}
