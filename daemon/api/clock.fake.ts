import type { Clock, Timer } from './clock.ts';

interface Pending {
  due: number;
  order: number;
  period?: number;
  task: () => void;
}

/** A clock that stands still until a test moves it. Timers fire in the order they are due, ties in the order they were set. */
export class FakeClock implements Clock {
  #mono: number;
  #wall: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(start: { mono?: number; wall?: number } = {}) {
    this.#mono = start.mono ?? 1_000_000;
    this.#wall = start.wall ?? Date.UTC(2026, 10, 1, 12);
  }

  mono(): number {
    return this.#mono;
  }

  wall(): number {
    return this.#wall;
  }

  after(delay: number, task: () => void): Timer {
    return this.#schedule({ due: this.#mono + Math.max(0, delay), order: this.#order++, task });
  }

  every(period: number, task: () => void): Timer {
    return this.#schedule({ due: this.#mono + period, order: this.#order++, period, task });
  }

  /** Timers still set: a part that was closed must leave none. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves both clocks on by `ms` and fires what falls due on the way. */
  advance(ms: number): void {
    const target = this.#mono + ms;
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#moveTo(next.due);
      this.#fire(next);
    }
    this.#moveTo(target);
  }

  /** As `advance`, letting promises settle after every timer, for code that awaits between timers. */
  async advanceAsync(ms: number): Promise<void> {
    const target = this.#mono + ms;
    await settle();
    for (let next = this.#next(target); next; next = this.#next(target)) {
      this.#moveTo(next.due);
      this.#fire(next);
      await settle();
    }
    this.#moveTo(target);
    await settle();
  }

  /** Sets the wall clock alone, as NTP does. */
  jumpWall(to: number): void {
    this.#wall = to;
  }

  #schedule(pending: Pending): Timer {
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  #next(until: number): Pending | undefined {
    let next: Pending | undefined;
    for (const each of this.#pending) {
      if (each.due > until) continue;
      if (!next || each.due < next.due || (each.due === next.due && each.order < next.order)) next = each;
    }
    return next;
  }

  #fire(pending: Pending): void {
    if (pending.period === undefined) this.#pending.delete(pending);
    else {
      pending.due += pending.period;
      pending.order = this.#order++;
    }
    pending.task();
  }

  #moveTo(mono: number): void {
    this.#wall += mono - this.#mono;
    this.#mono = mono;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
