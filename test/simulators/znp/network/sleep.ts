import type { SimulatorClock } from '../../hue/clock.ts';

/** When a battery device listens: at each poll of its parent, and for a while after it was busy. */
export class Sleep {
  readonly #clock: SimulatorClock;
  readonly #pollEvery: number;
  readonly #phase: number;
  #awakeUntil = 0;

  constructor({ clock, pollEvery }: { clock: SimulatorClock; pollEvery: number }) {
    this.#clock = clock;
    this.#pollEvery = pollEvery;
    this.#phase = clock.mono();
  }

  wake(ms: number): void {
    this.#awakeUntil = Math.max(this.#awakeUntil, this.#clock.mono() + ms);
  }

  fallAsleep(): void {
    this.#awakeUntil = 0;
  }

  /** Milliseconds until it listens next. */
  get untilListening(): number {
    const now = this.#clock.mono();
    return now < this.#awakeUntil ? 0 : this.#pollEvery - ((now - this.#phase) % this.#pollEvery);
  }
}
