import type { Clock, Timer } from '../api/clock.ts';
import type { TextMessage } from './protocol.ts';

export interface TextQueueOptions {
  clock: Clock;
  /** Hands one message to the senses. */
  send: (message: TextMessage) => void;
  /** How many were dropped unread lately; 0 when that is over. */
  onDropped: (dropped: number) => void;
  /** Messages that may wait. */
  limit?: number;
}

/** ms without a further loss after which the losses are past. */
const PAST = 60_000;

/**
 * Messages on their way to the senses, which read one at a time. When too many wait, the oldest is dropped: what was written
 * last tells most of the mood now. Nothing is sent twice, so a message that the senses died of does no more harm.
 */
export class TextQueue {
  readonly #options: TextQueueOptions;
  readonly #limit: number;
  #waiting: Omit<TextMessage, 'type' | 'id'>[] = [];
  #isOpen = false;
  #count = 0;
  /** Id of the message that is being read. */
  #reading: number | null = null;
  #dropped = 0;
  #past: Timer | undefined;

  constructor(options: TextQueueOptions) {
    this.#options = options;
    this.#limit = options.limit ?? 32;
  }

  push(message: Omit<TextMessage, 'type' | 'id'>): void {
    this.#waiting.push(message);
    this.#next();
    if (this.#waiting.length > this.#limit) {
      this.#waiting.shift();
      this.#drop();
    }
  }

  /** The senses are there and may be sent to. */
  open(): void {
    this.#isOpen = true;
    this.#next();
  }

  /** The senses are to end: nothing more goes to these. */
  hold(): void {
    this.#isOpen = false;
  }

  /** The senses ended: what they were reading is lost. */
  lost(): void {
    this.#isOpen = false;
    if (this.#reading === null) return;
    this.#reading = null;
    this.#drop();
  }

  /** The senses have done with a message. */
  done(id: number): void {
    if (id !== this.#reading) return;
    this.#reading = null;
    this.#next();
  }

  /** Forgets what waits for a room, or all of it: it is not to be read any more. */
  forget(room?: string): void {
    this.#waiting = room === undefined ? [] : this.#waiting.filter((message) => message.room !== room);
  }

  close(): void {
    this.hold();
    this.forget();
    this.#reading = null;
    this.#past?.cancel();
  }

  #next(): void {
    if (!this.#isOpen || this.#reading !== null) return;
    const message = this.#waiting.shift();
    if (!message) return;
    this.#reading = ++this.#count;
    this.#options.send({ type: 'text', id: this.#reading, ...message });
  }

  #drop(): void {
    const { clock, onDropped } = this.#options;
    this.#past?.cancel();
    this.#past = clock.after(PAST, () => {
      this.#dropped = 0;
      onDropped(0);
    });
    onDropped(++this.#dropped);
  }
}
