import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../api/clock.ts';
import { toRoomtoneError } from '../../api/errors.ts';
import { backoffDelay } from '../backoff.ts';
import type { ProblemReport, SourceReport } from '../protocol.ts';
import { redact } from './address.ts';
import { describeExit, type Exit, endChild, exitOf, type StopStep, Tail } from './child.ts';

/** What every source needs of its surroundings. */
export interface Surroundings {
  log: Logger;
  clock: Clock;
  /** 0 <= random() < 1 */
  random: () => number;
  /** Environment of the capture programs; they are looked for on its PATH. */
  env: NodeJS.ProcessEnv;
  /** Called on every change of state, and every few seconds while live. */
  onReport: (report: SourceReport) => void;
}

/** All ms. */
export interface Patience {
  /** From the start of the program to the first whole frame or samples. */
  first: number;
  /** Between two of them, later. */
  next: number;
}

export interface CaptureOptions extends Surroundings {
  source: string;
  /** Taken out of whatever the program says. */
  address: string;
  patience: Patience;
  ladder: readonly StopStep[];
  /** Starts the program. @throws RoomtoneError `source.no_program`, `source.unreadable` */
  launch: () => ChildProcess;
  /** All that the program writes; the first call after a start has `fresh` set. Whoever gets it says `arrived()` when something is whole. */
  onData: (chunk: Buffer, fresh: boolean) => void;
  /** What was thrown away unread, so far. */
  dropped: () => number;
}

/** One life of the capture program. */
interface Run {
  child: ChildProcess;
  exited: Promise<Exit>;
  tail: Tail | null;
  startedAt: number;
  /** Whether anything whole came out of it. */
  live: boolean;
  watchdog: Timer | null;
}

const RETRY = { base: 1000, max: 60_000 };
/** A run that lasted this long (ms) ends a series of failures. */
const GOOD_RUN = 30_000;
const REPORT_EVERY = 5000;

/**
 * Keeps one capture program running: starts it, notices when it ends or falls silent, ends it for good, and tries again with
 * growing patience. States: `off`, `starting` until something whole arrived, `live`, `waiting` after a failure.
 */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #log: Logger;
  #state: SourceReport['state'] = 'off';
  #problem: ProblemReport | null = null;
  #run: Run | null = null;
  #retry: Timer | null = null;
  #reporting: Timer | null = null;
  #failures = 0;
  #read = 0;
  #rate = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#log = options.log.child({ source: options.source });
  }

  start(): void {
    if (this.#state !== 'off') return;
    this.#reporting = this.#options.clock.every(REPORT_EVERY, () => this.#measure());
    this.#launch();
  }

  /** Resolves when the program is gone and the device is free. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Something whole came out of the pipe. */
  arrived(): void {
    const run = this.#run;
    if (!run || this.#state === 'waiting') return;
    this.#watch(run, this.#options.patience.next);
    if (run.live) return;
    run.live = true;
    if (this.#problem) this.#log.info({ event: 'source.back' }, 'source is back');
    this.#set('live', null);
  }

  /** Something was read by a model. */
  wasRead(): void {
    this.#read++;
  }

  async #stop(): Promise<void> {
    this.#retry?.cancel();
    this.#reporting?.cancel();
    this.#run?.watchdog?.cancel();
    if (this.#run) {
      const { child, exited } = this.#run;
      this.#run = null;
      await endChild(child, { exited, ladder: this.#options.ladder, clock: this.#options.clock });
    }
    this.#set('off', null);
  }

  #launch(): void {
    this.#retry = null;
    let child: ChildProcess;
    try {
      child = this.#options.launch();
    } catch (thrown) {
      const { code, params } = toRoomtoneError(thrown);
      this.#wait({ code, params });
      return;
    }
    const run: Run = {
      child,
      exited: exitOf(child),
      tail: child.stderr && new Tail(child.stderr),
      startedAt: this.#options.clock.mono(),
      live: false,
      watchdog: null,
    };
    this.#run = run;
    this.#connect(run);
    this.#watch(run, this.#options.patience.first);
    this.#set('starting', this.#problem);
  }

  #connect(run: Run): void {
    let fresh = true;
    run.child.stdout?.on('data', (chunk: Buffer) => {
      if (this.#run !== run) return;
      this.#options.onData(chunk, fresh);
      fresh = false;
    });
    // A pipe may break at either end; what became of the child is told by its exit.
    run.child.stdout?.on('error', () => {});
    run.child.stdin?.on('error', () => {});
    void run.exited.then((exit) => this.#ended(run, exit));
  }

  #watch(run: Run, patience: number): void {
    run.watchdog?.cancel();
    run.watchdog = this.#options.clock.after(patience, () => this.#silent(run, patience));
  }

  #silent(run: Run, patience: number): void {
    this.#set('waiting', { code: 'source.silent', params: { source: this.#options.source, seconds: Math.round(patience / 1000) } });
    void endChild(run.child, { exited: run.exited, ladder: this.#options.ladder, clock: this.#options.clock });
  }

  #ended(run: Run, exit: Exit): void {
    if (this.#run !== run) return;
    this.#run = null;
    run.watchdog?.cancel();
    if (run.live && this.#options.clock.mono() - run.startedAt >= GOOD_RUN) this.#failures = 0;
    this.#wait(this.#state === 'waiting' ? this.#problem : this.#whyEnded(run, exit));
  }

  #whyEnded(run: Run, exit: Exit): ProblemReport {
    const what = redact(describeExit(exit, run.tail?.words ?? ''), this.#options.address);
    return { code: run.live ? 'source.ended' : 'source.unreadable', params: { source: this.#options.source, what } };
  }

  /** Until the next attempt. The program is gone by now, so that the device is free for it. */
  #wait(problem: ProblemReport | null): void {
    this.#failures++;
    const delay = backoffDelay(this.#failures, RETRY, this.#options.random);
    this.#retry = this.#options.clock.after(delay, () => this.#launch());
    this.#set('waiting', problem);
  }

  #measure(): void {
    const rate = Math.round((this.#read / REPORT_EVERY) * 10_000) / 10;
    this.#read = 0;
    if (this.#state !== 'live') return;
    this.#rate = rate;
    this.#report();
  }

  #set(state: SourceReport['state'], problem: ProblemReport | null): void {
    if (problem && problem.code !== this.#problem?.code) this.#log.warn({ event: problem.code, ...problem.params }, 'source failed');
    if (state !== 'live') this.#rate = 0;
    this.#state = state;
    this.#problem = problem;
    this.#report();
  }

  #report(): void {
    this.#options.onReport({
      type: 'source',
      source: this.#options.source,
      state: this.#state,
      problem: this.#problem,
      rate: this.#rate,
      dropped: this.#options.dropped(),
      pid: this.#run?.child.pid ?? null,
    });
  }
}
