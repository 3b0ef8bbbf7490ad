import { type Answer, clipError, page } from './answer.ts';
import { type SimulatorClock, Timers } from './clock.ts';
import { type Random, type Span, within } from './random.ts';

/** `truncated`: JSON cut off in the middle; `nonsense`: no JSON at all; `html`: a page of the web server with status 200. */
export type Garbage = 'truncated' | 'nonsense' | 'html';

const garbage: Record<Garbage, Answer> = {
  truncated: { status: 200, contentType: 'application/json', body: '{"errors":[],"data":[{"id":' },
  nonsense: { status: 200, contentType: 'application/json', body: '\u0000\u0001<>]}' },
  html: page(200),
};

/** What is wrong with the bridge at the moment. What lasts for a time ends by the clock. */
export class Faults {
  /** Connections are accepted and requests read, nothing is answered. */
  stalled = false;
  readonly #timers: Timers;
  readonly #random: Random;
  #garbage: Garbage | undefined;
  #slowness: Span = [0, 0];
  #storm: { left: number; answer: Answer } | undefined;

  constructor({ clock, random }: { clock: SimulatorClock; random: Random }) {
    this.#timers = new Timers(clock);
    this.#random = random;
  }

  /** Runs `end` when the time is up; without a time, never. */
  lasting(ms: number | undefined, end: () => void): void {
    if (ms !== undefined) this.#timers.after(ms, end);
  }

  answerGarbage(kind: Garbage): void {
    this.#garbage = kind;
  }

  /** The next `count` requests get this status, from the web server as a page or, with a description, from the API. */
  storm(status: number, { count, description }: { count: number; description?: string | undefined }): void {
    this.#storm = { left: count, answer: description === undefined ? page(status) : clipError(status, description) };
  }

  endStorm(): void {
    this.#storm = undefined;
  }

  /** Answers take so much longer, ms. */
  slowDown(span: Span): void {
    this.#slowness = span;
  }

  /** What this answer has to wait beyond its own delay, ms. */
  get extraDelay(): number {
    return within(this.#slowness, this.#random);
  }

  /** The answer that a fault gives in place of the right one. */
  answer(): Answer | undefined {
    if (this.#storm && this.#storm.left > 0) {
      this.#storm.left -= 1;
      return this.#storm.answer;
    }
    return this.#garbage && garbage[this.#garbage];
  }

  clear(): void {
    this.stalled = false;
    this.#garbage = undefined;
    this.#slowness = [0, 0];
    this.#storm = undefined;
  }

  close(): void {
    this.#timers.cancelAll();
  }
}
