import { type Clock, systemClock, type Timer } from '../../daemon/api/clock.ts';

/** Real time that knows how many timers are set: a part that was closed must leave none. */
export class CountingClock implements Clock {
  readonly #pending = new Set<Timer>();

  get pending(): number {
    return this.#pending.size;
  }

  mono(): number {
    return systemClock.mono();
  }

  wall(): number {
    return systemClock.wall();
  }

  after(delay: number, task: () => void): Timer {
    const timer = this.#keep(
      systemClock.after(delay, () => {
        timer.cancel();
        task();
      }),
    );
    return timer;
  }

  every(period: number, task: () => void): Timer {
    return this.#keep(systemClock.every(period, task));
  }

  #keep(inner: Timer): Timer {
    const timer = {
      cancel: () => {
        inner.cancel();
        this.#pending.delete(timer);
      },
    };
    this.#pending.add(timer);
    return timer;
  }
}
