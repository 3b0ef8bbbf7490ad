/** Nobody seen for this long, ms, is worth saying; and again after every further `ABSENCE_REPEAT`. */
const ABSENCE_AFTER = 2000;
const ABSENCE_REPEAT = 5000;
/** People whose faces cannot be read are told of when their number changes, and otherwise this often, ms. */
const PRESENCE_REPEAT = 1000;

/** When it is worth saying that people are there, or that nobody is. `at` is mono ms, not decreasing. */
export class PresenceNews {
  /** When a face was seen last or, before the first, when the first frame came. */
  #seenAt: number | null = null;
  #told: { people: number; at: number } | null = null;

  /** Faces were read: that says by itself that people are there. */
  read(at: number): void {
    this.#seenAt = at;
    this.#told = null;
  }

  /** Whether to say that so many people (one or more) are there, whose faces were only seen. */
  someone(people: number, at: number): boolean {
    this.#seenAt = at;
    return this.#isNews(people, { at, repeat: PRESENCE_REPEAT });
  }

  /** Whether to say that nobody is there. */
  nobody(at: number): boolean {
    this.#seenAt ??= at;
    return at - this.#seenAt >= ABSENCE_AFTER && this.#isNews(0, { at, repeat: ABSENCE_REPEAT });
  }

  #isNews(people: number, { at, repeat }: { at: number; repeat: number }): boolean {
    if (this.#told?.people === people && at - this.#told.at < repeat) return false;
    this.#told = { people, at };
    return true;
  }
}
