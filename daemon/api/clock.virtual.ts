import type { Clock, Timer } from './clock.ts';

interface Pending {
  due: number;
  order: number;
  period?: number;
  task: () => void;
}

/** A clock that stands still until it is moved. Timers fire in the order they are due, ties in the order they were set. */
export class VirtualClock implements Clock {
  #mono: number;
  #wall: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor({ mono, wall }: { mono: number; wall: number }) {
    this.#mono = mono;
    this.#wall = wall;
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
    this.advanceTo(this.#mono + ms);
  }

  /** As `advance`, to a moment of `mono`; one that has passed changes nothing. */
  advanceTo(mono: number): void {
    while (this.fireNext(mono));
    if (mono > this.#mono) this.#moveTo(mono);
  }

  /** Moves on to the next timer that is due by `mono`, and fires it. @returns false where there is none */
  fireNext(mono: number): boolean {
    const next = this.#next(mono);
    if (!next) return false;
    this.#moveTo(next.due);
    this.#fire(next);
    return true;
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
