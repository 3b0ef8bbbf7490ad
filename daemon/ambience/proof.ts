import type { Attributes } from '../devices/device.ts';
import { differs, NOTICEABLE, ROUNDING, type Slot } from './slots.ts';

/** A command that was answered and never carried out. */
export interface Lost {
  asked: Attributes;
  /** When it may be asked for again, ms of CLOCK_MONOTONIC; infinite: not by itself. */
  againAt: number;
}

/** Commands for one value in a row that may come to nothing: the second is sent at once, the third after a pause, then it is given up. */
const TRIES = 3;

/** Values that are kept of where an attribute may stand. */
const ORIGINS = 8;

/**
 * Whether a device carried out what it answered: an answer is a promise (a bridge gives it for a lamp that it does not reach), and
 * only where the attribute is seen is proof. Of one attribute.
 */
export class Proof {
  readonly #slot: Slot;
  #awaited: { to: Attributes; origins: readonly Attributes[] } | undefined;
  #vain: { asked: Attributes; times: number } | undefined;

  constructor(slot: Slot) {
    this.#slot = slot;
  }

  /** Where the attribute may stand if what was answered last came to nothing. */
  get origins(): readonly Attributes[] {
    return this.#awaited?.origins ?? [];
  }

  /** A command was answered, and the device has shown nothing of it yet. @param origins where the attribute may have stood before */
  expect(to: Attributes, origins: readonly Attributes[]): void {
    if (this.#vain && !this.#alike(to, this.#vain.asked)) this.#vain = undefined;
    this.#awaited = { to, origins: origins.slice(0, ORIGINS) };
  }

  /** The attribute was seen where it was to go, if anything was awaited. */
  give(): void {
    if (this.#awaited) this.forget();
  }

  /** What was given up is tried anew. */
  tryAgain(): void {
    this.#vain = undefined;
  }

  /** It does not matter any more: the attribute was seen there, or a person decided otherwise. */
  forget(): void {
    this.#awaited = undefined;
    this.#vain = undefined;
  }

  /** Whether the attribute is where it stood before. */
  isRefutedBy(value: Attributes): boolean {
    return this.origins.some((origin) => !differs(this.#slot, [value, origin], NOTICEABLE));
  }

  /** What was answered last was never carried out. @param now ms of CLOCK_MONOTONIC @param pause ms */
  lose(now: number, pause: number): Lost | undefined {
    if (!this.#awaited) return undefined;
    const { to: asked } = this.#awaited;
    const times = (this.#vain?.times ?? 0) + 1;
    this.#awaited = undefined;
    this.#vain = { asked, times };
    return { asked, againAt: times === 1 ? now : times < TRIES ? now + pause : Number.POSITIVE_INFINITY };
  }

  #alike(a: Attributes, b: Attributes): boolean {
    return !differs(this.#slot, [a, b], ROUNDING);
  }
}
