import type { Timers } from '../../hue/clock.ts';

/** Transition times go in tenths of a second; so do the steps of a fade. */
const step = 100;

/** Moves numbers from where they are to where they should be, a step each tenth of a second. */
export class Fade {
  readonly #timers: Timers;
  readonly #onStep: (values: readonly number[]) => void;
  #timer: { cancel(): void } | undefined;
  #remaining = 0;

  constructor(timers: Timers, onStep: (values: readonly number[]) => void) {
    this.#timers = timers;
    this.#onStep = onStep;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Tenths of a second that are left. */
  get remaining(): number {
    return this.#remaining;
  }

  /** `tenths` 0 is at once. `onEnd` is not called when the fade is stopped. */
  start({ from, to, tenths, onEnd }: { from: readonly number[]; to: readonly number[]; tenths: number; onEnd?: () => void }): void {
    this.stop();
    const advance = (done: number) => {
      this.#remaining = tenths - done;
      const share = tenths === 0 ? 1 : done / tenths;
      this.#onStep(from.map((start, index) => Math.round(start + ((to[index] ?? start) - start) * share)));
      if (done < tenths) {
        this.#timer = this.#timers.after(step, () => advance(done + 1));
        return;
      }
      this.#timer = undefined;
      onEnd?.();
    };
    if (tenths === 0) advance(0);
    else {
      this.#remaining = tenths;
      this.#timer = this.#timers.after(step, () => advance(1));
    }
  }

  /** Stays where it is. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#remaining = 0;
  }
}
