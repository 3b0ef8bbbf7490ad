/** A timer that can be called off. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as an argument. There are two clocks: `mono` for durations, ages, dwell and echo windows (it never jumps), `wall`
 * for schedules and stored stamps (a hub without a battery-backed clock may see it jump by years).
 */
export interface Clock {
  /** Milliseconds of CLOCK_MONOTONIC: one time base for all processes of this machine, meaningless on another. */
  mono(): number;
  /** Milliseconds since the Unix epoch, UTC. */
  wall(): number;
  /** Runs `task` once, `delay` ms from now. */
  after(delay: number, task: () => void): Timer;
  /** Runs `task` every `period` ms, the first time one period from now. */
  every(period: number, task: () => void): Timer;
}

export const systemClock: Clock = {
  mono: () => Number(process.hrtime.bigint()) / 1e6,
  wall: () => Date.now(),
  after(delay, task) {
    const handle = setTimeout(task, delay);
    return { cancel: () => clearTimeout(handle) };
  },
  every(period, task) {
    const handle = setInterval(task, period);
    return { cancel: () => clearInterval(handle) };
  },
};
