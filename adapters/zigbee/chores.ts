import type { Clock, Timer } from '../../daemon/api/clock.ts';

/** ms */
const LONGEST = 60_000;

/**
 * What is to be done at a coordinator beside commands: one thing at a time, with a pause after each, so that one of its two places
 * is always free for people. Work that fails is its owner's to notice. Work that takes longer than `LONGEST` goes on by itself while the next
 * begins: what is asked of a sleeping device may be answered a day later.
 */
export class Chores {
  readonly #clock: Clock;
  readonly #pause: number;
  readonly #waiting = new Map<string, () => Promise<unknown>>();
  #working: Promise<void> | undefined;
  /** One for each time that all was dropped: what hung then is waited for no more. */
  #turn = 0;
  /** Ends the wait for what is being done. */
  #late: Timer | undefined;
  #closed = false;

  /** @param pause ms */
  constructor(clock: Clock, pause: number) {
    this.#clock = clock;
    this.#pause = pause;
  }

  /** @param key what waits under it is replaced, and keeps its place */
  add(key: string, work: () => Promise<unknown>): void {
    if (this.#closed) return;
    this.#waiting.set(key, work);
    this.#working ??= this.#run(this.#turn);
  }

  /** Drops everything, also what is being done: its end is of no matter any more. */
  clear(): void {
    this.#waiting.clear();
    this.#late?.cancel();
    this.#turn += 1;
    this.#working = undefined;
  }

  /** Takes no more work. Resolves when what is being done is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    this.#late?.cancel();
    await this.#working;
  }

  async #run(turn: number): Promise<void> {
    while (turn === this.#turn) {
      const [first] = this.#waiting;
      if (!first) break;
      this.#waiting.delete(first[0]);
      await this.#unlessTooLong(first[1]());
      if (turn === this.#turn && this.#waiting.size > 0) await this.#rest();
    }
    if (turn === this.#turn) this.#working = undefined;
  }

  async #unlessTooLong(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = this.#clock.after(LONGEST, resolve);
    this.#late = late;
    await Promise.race([work.catch(() => {}), promise]);
    late.cancel();
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(this.#pause, resolve));
  }
}
