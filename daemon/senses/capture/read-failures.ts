import type { Logger } from 'pino';

/** A model that cannot read one frame often cannot read the next: the first failure is logged whole, then every thousandth. */
export class ReadFailures {
  readonly #log: Logger;
  #times = 0;

  constructor(log: Logger, source: string) {
    this.#log = log.child({ source });
  }

  count(err: unknown): void {
    if (this.#times++ % 1000 === 0) this.#log.error({ err, times: this.#times, event: 'source.read_failed' }, 'a reading failed');
  }
}
