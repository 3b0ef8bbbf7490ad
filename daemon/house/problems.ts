import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import type { ErrorCode, MessageParams } from '../api/errors.ts';
import type { Problem } from '../api/views.ts';

export interface ProblemReport {
  code: ErrorCode;
  params: MessageParams;
}

/** What is wrong now, one problem for each scope. Each is logged once when it comes and once when it goes, however often it is reported. */
export class ProblemBoard {
  readonly events = new EventEmitter<{ changed: [] }>();
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #problems = new Map<string, Problem>();

  constructor(options: { log: Logger; clock: Clock }) {
    this.#log = options.log;
    this.#clock = options.clock;
  }

  /** Null: it has passed. */
  set(scope: string, report: ProblemReport | null): void {
    const before = this.#problems.get(scope);
    if (!report) {
      if (!this.#problems.delete(scope)) return;
      this.#log.info({ event: 'problem_passed', scope, code: before?.code });
    } else {
      const changedCode = before?.code !== report.code;
      if (!changedCode && sameParams(before?.params, report.params)) return;
      this.#problems.set(scope, { ...report, scope, since: changedCode ? this.#clock.wall() : (before?.since ?? this.#clock.wall()) });
      if (changedCode) this.#log.warn({ event: 'problem', scope, code: report.code, ...report.params });
    }
    this.events.emit('changed');
  }

  /** Ends every problem whose scope begins with `prefix`, as when the part it concerned is gone. */
  clear(prefix: string): void {
    this.replace(prefix, []);
  }

  /** Makes these, and no others, the problems of all scopes that begin with `prefix`. */
  replace(prefix: string, reports: readonly (ProblemReport & { scope: string })[]): void {
    const wanted = new Set(reports.map(({ scope }) => scope));
    for (const scope of [...this.#problems.keys()]) if (scope.startsWith(prefix) && !wanted.has(scope)) this.set(scope, null);
    for (const { scope, code, params } of reports) this.set(scope, { code, params });
  }

  get(scope: string): Problem | null {
    return this.#problems.get(scope) ?? null;
  }

  /** Oldest first. */
  list(): Problem[] {
    return [...this.#problems.values()];
  }
}

function sameParams(a: MessageParams | undefined, b: MessageParams): boolean {
  return (
    a !== undefined && Object.keys(a).length === Object.keys(b).length && Object.entries(b).every(([name, value]) => a[name] === value)
  );
}
