import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import type { ProblemBoard } from './problems.ts';

const RETRY = 5000;
const SCOPE = 'store:write';

export interface PatientStoreOptions {
  log: Logger;
  clock: Clock;
  problems: ProblemBoard;
  state: StatePort;
  audit: AuditPort;
}

/**
 * Goes on when the disk does not: what cannot be written stands in memory, is told as a problem and tried again, so that a full
 * card stops no lamp and loses no hold. Whoever must know that something is on disk asks `assertWritten`.
 */
export class PatientStore {
  readonly state: StatePort;
  readonly audit: AuditPort;
  readonly #options: PatientStoreOptions;
  /** Undefined: to be deleted. */
  readonly #waiting = new Map<string, unknown>();
  #retry: Timer | undefined;

  constructor(options: PatientStoreOptions) {
    this.#options = options;
    const { state, audit } = options;
    this.state = {
      get: (key, schema) => (this.#waiting.has(key) ? fitting(this.#waiting.get(key), schema) : state.get(key, schema)),
      set: (key, value) => this.#keep(key, value),
      delete: (key) => this.#keep(key, undefined),
      keys: (prefix) => this.#keys(prefix),
    };
    this.audit = {
      record: (entry) => this.#attempt(() => audit.record(entry)),
      latest: (limit) => audit.latest(limit),
    };
  }

  /** @throws RoomtoneError `store.failed` while something waits to be written */
  assertWritten(): void {
    const problem = this.#options.problems.get(SCOPE);
    if (this.#waiting.size > 0 && problem) throw new RoomtoneError(problem.code, { params: problem.params });
  }

  close(): void {
    this.#retry?.cancel();
    this.#writeWaiting();
  }

  #keep(key: string, value: unknown): void {
    this.#waiting.set(key, value);
    this.#writeWaiting();
  }

  #writeWaiting(): void {
    const { state } = this.#options;
    const isWritten = this.#attempt(() => {
      for (const [key, value] of this.#waiting) {
        if (value === undefined) state.delete(key);
        else state.set(key, value);
        this.#waiting.delete(key);
      }
    });
    this.#retry?.cancel();
    this.#retry = isWritten ? undefined : this.#options.clock.after(RETRY, () => this.#writeWaiting());
  }

  #attempt(write: () => void): boolean {
    const { log, problems } = this.#options;
    try {
      write();
      if (this.#waiting.size === 0) problems.set(SCOPE, null);
      return true;
    } catch (error) {
      const { code, params } = toRoomtoneError(error);
      if (!problems.get(SCOPE)) log.error({ event: 'store_failed', err: error });
      problems.set(SCOPE, { code, params });
      return false;
    }
  }

  #keys(prefix: string): string[] {
    const keys = new Set(this.#options.state.keys(prefix));
    for (const [key, value] of this.#waiting) {
      if (value === undefined) keys.delete(key);
      else if (key.startsWith(prefix)) keys.add(key);
    }
    return [...keys].sort();
  }
}

function fitting<T>(value: unknown, schema: z.ZodType<T>): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
