import { RoomtoneError } from '../api/errors.ts';

const AT_ONCE = 2;
const WAITING = 8;

/** Password hashing costs memory and a core for a moment: two at a time, a few waiting, more are turned away. */
export class HashingQueue {
  #running = 0;
  readonly #waiting: Array<() => void> = [];

  /** @throws RoomtoneError `auth.too_many` when the queue is full */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#turn();
    else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING) throw new RoomtoneError('auth.too_many', { params: { seconds: 1 } });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
