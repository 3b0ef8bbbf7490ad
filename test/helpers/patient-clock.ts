import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import type { Timer } from '../../daemon/api/clock.ts';

/** Turns of the event loop without anybody waiting for an answer, after which nothing more is taken to be on its way. */
const QUIET_TURNS = 12;

/**
 * Virtual time beside a real wire: it stands still as long as an answer is awaited, so that hours pass in a moment and still
 * no request takes longer than it really does. Who waits for an answer is known by the length of its deadline.
 */
export class PatientClock extends FakeClock {
  readonly #answerWithin: number;
  readonly #deadlines = new Set<Timer>();

  /** @param answerWithin ms of the deadlines */
  constructor(answerWithin: number) {
    super();
    this.#answerWithin = answerWithin;
  }

  override after(delay: number, task: () => void): Timer {
    if (delay !== this.#answerWithin) return super.after(delay, task);
    const inner = super.after(delay, () => {
      timer.cancel();
      task();
    });
    const timer: Timer = {
      cancel: () => {
        this.#deadlines.delete(timer);
        inner.cancel();
      },
    };
    this.#deadlines.add(timer);
    return timer;
  }

  /** Until what is on the wire has arrived. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await setImmediate();
      if (this.#deadlines.size > 0) quiet = 0;
    }
  }

  /** @param step ms that pass between two looks at the wire */
  async pass(ms: number, step = 250): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      await this.settled();
      this.advance(Math.min(step, left));
    }
    await this.settled();
  }

  /** @returns ms that passed until it held; `within` if it did not until then */
  async passUntil(holds: () => boolean, within: number, step = 50): Promise<number> {
    const start = this.mono();
    for (;;) {
      await this.settled();
      if (holds() || this.mono() - start >= within) return this.mono() - start;
      this.advance(step);
    }
  }
}
