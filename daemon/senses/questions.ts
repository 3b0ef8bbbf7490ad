import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { DownMessage, ProblemReport, Signal, UpMessage } from './protocol.ts';

/** Something said to a phone source, until it is answered. */
interface Question {
  signal: Signal;
  /** The process it was sent to; null until there is one that listens. */
  to: ChildProcess | null;
  answered: (words: string | null) => void;
  failed: (problem: ProblemReport) => void;
}

/** ms that somebody who signals waits: models may have to be loaded first. */
const PATIENCE = 10_000;
const NO_ANSWER: ProblemReport = { code: 'phone.no_answer', params: {} };

export interface QuestionsOptions {
  clock: Clock;
  send: (child: ChildProcess, message: DownMessage) => void;
}

/** What was said to the senses on behalf of devices, and waits for an answer. What is said while none listen waits for those that will. */
export class Questions {
  readonly #clock: Clock;
  readonly #send: QuestionsOptions['send'];
  readonly #open = new Map<number, Question>();
  #count = 0;

  constructor({ clock, send }: QuestionsOptions) {
    this.#clock = clock;
    this.#send = send;
  }

  /**
   * @param listening the process that can be asked now, if there is one
   * @throws RoomtoneError `phone.no_answer`, and what the senses answer with
   */
  async ask(said: Pick<Signal, 'source' | 'session' | 'words'>, listening: ChildProcess | null): Promise<string | null> {
    const id = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    const failed = ({ code, params }: ProblemReport): void => reject(new RoomtoneError(code, { params }));
    const timer = this.#clock.after(PATIENCE, () => failed(NO_ANSWER));
    this.#open.set(id, { signal: { type: 'signal', id, ...said }, to: null, answered: resolve, failed });
    if (listening) this.listening(listening);
    try {
      return await promise;
    } finally {
      timer.cancel();
      this.#open.delete(id);
    }
  }

  /** A process can be asked from now on. */
  listening(child: ChildProcess): void {
    for (const question of this.#open.values()) {
      if (question.to) continue;
      question.to = child;
      this.#send(child, question.signal);
    }
  }

  answer({ id, words, problem }: Extract<UpMessage, { type: 'signalled' }>): void {
    const question = this.#open.get(id);
    if (problem) question?.failed(problem);
    else question?.answered(words);
  }

  /** Nobody will answer what was sent to this process; without one, nothing at all is answered any more. */
  fail(child?: ChildProcess): void {
    for (const { to, failed } of this.#open.values()) if (!child || to === child) failed(NO_ANSWER);
  }
}
