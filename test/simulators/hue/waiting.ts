/** Promises for things that will be true: looked at once, and again whenever something happened. */
export class Waiting {
  readonly #pending = new Set<{ look: () => boolean; giveUp: () => void }>();
  #closed = false;

  /** Resolves with the first value of `look` that is not undefined. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error('The simulator was closed while a test waited on it.'));
      if (this.#closed) return giveUp();
      const entry = {
        look: () => {
          const value = look();
          if (value !== undefined) resolve(value);
          return value !== undefined;
        },
        giveUp,
      };
      if (!entry.look()) this.#pending.add(entry);
    });
  }

  /** To be called after anything changed that `look` could see. */
  check(): void {
    for (const entry of this.#pending) if (entry.look()) this.#pending.delete(entry);
  }

  close(): void {
    this.#closed = true;
    for (const { giveUp } of this.#pending) giveUp();
    this.#pending.clear();
  }
}
