import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import type { Timer } from '../../daemon/api/clock.ts';
import type { Wire } from './wire.ts';

/**
 * Turns of the event loop in which both sides have dealt with whatever has arrived. Nothing that the kernel or another process has a
 * hand in is counted in turns: that is the wire's to say.
 */
const QUIET_TURNS = 12;

export interface PatientClockOptions {
  /** ms of the deadlines by which whoever waits for an answer is known */
  answerWithin: number;
  wire: Pick<Wire, 'isBusy' | 'pondered'>;
}

/**
 * Virtual time beside a real wire: it stands still as long as anything is on its way, or an answer is awaited that nobody
 * ponders, so that hours pass in a moment, and still no request takes longer and no event comes later than by this clock.
 */
export class PatientClock extends FakeClock {
  readonly #options: PatientClockOptions;
  readonly #deadlines = new Set<Timer>();

  constructor(options: PatientClockOptions) {
    super();
    this.#options = options;
  }

  override after(delay: number, task: () => void): Timer {
    if (delay !== this.#options.answerWithin) return super.after(delay, task);
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

  /** Until what is on the wire has arrived, and what follows from it is done. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await setImmediate();
      if (this.#isUnderWay) quiet = 0;
    }
  }

  get #isUnderWay(): boolean {
    const { wire } = this.#options;
    return this.#deadlines.size > wire.pondered || wire.isBusy;
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
