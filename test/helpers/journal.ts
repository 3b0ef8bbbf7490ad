/** Keeps what happened, in order, and lets a test wait for something to happen. */
export class Journal<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<(entry: T) => void>();

  readonly add = (entry: T): void => {
    this.entries.push(entry);
    for (const each of this.#waiting) each(entry);
  };

  get last(): T | undefined {
    return this.entries.at(-1);
  }

  /** The next entry, from now on, that fits. */
  next(fits: (entry: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve) => {
      const look = (entry: T) => {
        if (!fits(entry)) return;
        this.#waiting.delete(look);
        resolve(entry);
      };
      this.#waiting.add(look);
    });
  }

  /** Resolves after so many more entries. */
  async many(count: number): Promise<void> {
    for (let seen = 0; seen < count; seen++) await this.next();
  }

  /** The first entry that fits, also among those already made. */
  async first(fits: (entry: T) => boolean): Promise<T> {
    const index = this.entries.findIndex(fits);
    return index < 0 ? this.next(fits) : (this.entries[index] as T);
  }
}
