/** The part of time that the simulator needs; the daemon's clocks fit it too, so a test can own the time of both sides. */
export interface SimulatorClock {
  /** Milliseconds that never jump. */
  mono(): number;
  /** Milliseconds since the Unix epoch. */
  wall(): number;
  after(delay: number, task: () => void): { cancel(): void };
}

/** CLOCK_MONOTONIC in milliseconds: one time base for all processes of this machine, so stamps of a daemon can be compared. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export const realClock: SimulatorClock = {
  mono: monotonicMs,
  wall: () => Date.now(),
  after(delay, task) {
    const handle = setTimeout(task, delay);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Timers of one owner, called off together. A delay of 0 runs the task at once, so that a test without delays needs no clock. */
export class Timers {
  readonly #clock: SimulatorClock;
  readonly #running = new Set<{ cancel(): void }>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  after(delay: number, task: () => void): { cancel(): void } {
    if (delay <= 0) {
      task();
      return { cancel: () => {} };
    }
    const timer = this.#clock.after(delay, () => {
      this.#running.delete(timer);
      task();
    });
    this.#running.add(timer);
    return timer;
  }

  cancelAll(): void {
    for (const timer of this.#running) timer.cancel();
    this.#running.clear();
  }
}
