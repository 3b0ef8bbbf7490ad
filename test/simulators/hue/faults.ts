import { type Answer, page } from './answer.ts';

/** What is wrong with the bridge at the moment. */
export class Faults {
  /** Connections are accepted and requests read, nothing is answered. */
  stalled = false;
  /** Answers break off in the middle. */
  garbage = false;
  #storm = { left: 0, status: 429 };

  /** The next `count` requests get this status. */
  storm(count: number, status: 429 | 503): void {
    this.#storm = { left: count, status };
  }

  /** The answer that a fault gives in place of the right one. */
  answer(): Answer | undefined {
    if (this.#storm.left > 0) {
      this.#storm.left -= 1;
      return page(this.#storm.status);
    }
    return this.garbage ? { status: 200, contentType: 'application/json', body: '{"errors":[],"data":[{"id":' } : undefined;
  }

  clear(): void {
    this.stalled = false;
    this.garbage = false;
    this.#storm.left = 0;
  }
}
