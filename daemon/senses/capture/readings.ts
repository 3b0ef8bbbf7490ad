import type { Logger } from 'pino';
import type { Observation } from '../../mood/observation.ts';

export interface ReadingsOptions {
  log: Logger;
  source: string;
  /** Reads what is next in line; null where nothing is. */
  next: () => Promise<Observation[]> | null;
  /** Something was read by a model. */
  onRead: () => void;
  onObservations: (observations: Observation[]) => void;
}

/** Has what arrives read, one after the other, while more arrives. */
export class Readings {
  readonly #options: ReadingsOptions;
  #reading: Promise<void> | null = null;
  #stopped = false;
  #failures = 0;

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  /** Something may be there to be read. */
  arrived(): void {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
  }

  /** Resolves when the last reading is over; nothing is told of it any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    for (let reading = this.#next(); reading; reading = this.#next()) {
      await this.#finish(reading);
      // Inference holds the event loop: let what waits there in, so that the next frame is the newest.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #next(): Promise<Observation[]> | null {
    return this.#stopped ? null : this.#options.next();
  }

  async #finish(reading: Promise<Observation[]>): Promise<void> {
    try {
      const observations = await reading;
      this.#options.onRead();
      if (!this.#stopped) this.#options.onObservations(observations);
    } catch (error) {
      this.#countFailure(error);
    }
  }

  /** Where one frame cannot be read, the next often cannot either: the first failure is logged, then every thousandth. */
  #countFailure(err: unknown): void {
    const { log, source } = this.#options;
    if (this.#failures++ % 1000 === 0) log.error({ err, source, times: this.#failures, event: 'source.read_failed' }, 'a reading failed');
  }
}
