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
  /** From the start of the program to the first whole frame or samples, before it is ended. */
  first: number;
  /** From the start, before it is told that nothing came so far. */
  tell: number;
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
  /** Called for every program that is started. What it returns takes in all that the program writes, and tells whether that made something whole. */
  open: () => (chunk: Buffer) => boolean;
  /** What was thrown away unread, so far. */
  dropped: () => number;
}

/** What is thought of a program that is to take over, after something whole came out of it. */
export type Verdict = 'proven' | 'open' | 'refuted';

/** Another program for the same source. */
export interface Successor {
  /** Starts it. @throws RoomtoneError */
  launch: () => ChildProcess;
  /** Asked whenever something whole came out of it (`at`: mono ms): it takes over when that is proven. */
  judge: (at: number) => Verdict;
  /** Told whether it took over. Not called where the source fails or stops meanwhile. */
  onSettled: (done: boolean) => void;
}

/** One life of a capture program. */
interface Run {
  child: ChildProcess;
  exited: Promise<Exit>;
  tail: Tail | null;
  startedAt: number;
  /** Whether anything whole came out of it. */
  live: boolean;
  watchdog: Timer | null;
}

interface Heir extends Successor {
  run: Run;
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
  #heir: Heir | null = null;
  /** Programs that were told to end. */
  readonly #ending = new Set<Promise<void>>();
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

  /**
   * Starts another program for the same source, which takes over when it has proven itself; until then the present one goes on,
   * and the source is live all the while. Settled at once, undone, where the source is not live or another is on its way.
   */
  handOver(successor: Successor): void {
    if (!this.#run?.live || this.#heir || this.#stopping) {
      successor.onSettled(false);
      return;
    }
    try {
      const run = this.#begin(successor.launch());
      this.#heir = { run, ...successor };
      this.#watch(run, this.#options.patience.first);
    } catch {
      successor.onSettled(false);
    }
  }

  /** Something was read by a model. */
  wasRead(): void {
    this.#read++;
  }

  async #stop(): Promise<void> {
    this.#retry?.cancel();
    this.#reporting?.cancel();
    this.#dismissHeir();
    if (this.#run) this.#end(this.#run);
    this.#run = null;
    await Promise.all(this.#ending);
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
    const run = this.#begin(child);
    this.#run = run;
    this.#watchFirst(run);
    this.#set('starting', this.#problem);
  }

  #begin(child: ChildProcess): Run {
    const run: Run = {
      child,
      exited: exitOf(child),
      tail: child.stderr && new Tail(child.stderr),
      startedAt: this.#options.clock.mono(),
      live: false,
      watchdog: null,
    };
    const take = this.#options.open();
    child.stdout?.on('data', (chunk: Buffer) => {
      if ((this.#run === run || this.#heir?.run === run) && take(chunk)) this.#arrived(run);
    });
    // A pipe may break at either end; what became of the child is told by its exit.
    child.stdout?.on('error', () => {});
    child.stdin?.on('error', () => {});
    void run.exited.then((exit) => this.#ended(run, exit));
    return run;
  }

  /** Something whole came out of the pipe. */
  #arrived(run: Run): void {
    if (this.#heir?.run === run) {
      this.#judge(this.#heir);
      return;
    }
    if (this.#state === 'waiting') return;
    this.#watch(run, this.#options.patience.next);
    if (!run.live) this.#becomeLive(run);
  }

  #becomeLive(run: Run): void {
    run.live = true;
    if (this.#problem) this.#log.info({ event: 'source.back' }, 'source is back');
    this.#set('live', null);
  }

  #judge({ run, judge, onSettled }: Heir): void {
    const verdict = judge(this.#options.clock.mono());
    if (verdict === 'refuted') {
      this.#dismissHeir();
      onSettled(false);
      return;
    }
    this.#watch(run, this.#options.patience.next);
    if (verdict === 'open' || this.#state !== 'live') return;
    const before = this.#run;
    this.#heir = null;
    this.#run = run;
    if (before) this.#end(before);
    this.#becomeLive(run);
    onSettled(true);
  }

  #dismissHeir(): void {
    const run = this.#heir?.run;
    this.#heir = null;
    if (run) this.#end(run);
  }

  /** Sees a program off. */
  #end(run: Run): void {
    run.watchdog?.cancel();
    const ending = endChild(run.child, { exited: run.exited, ladder: this.#options.ladder, clock: this.#options.clock });
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #watch(run: Run, patience: number): void {
    run.watchdog?.cancel();
    run.watchdog = this.#options.clock.after(patience, () => this.#silent(run, patience));
  }

  #watchFirst(run: Run): void {
    const { first, tell } = this.#options.patience;
    run.watchdog = this.#options.clock.after(tell, () => {
      this.#set('starting', this.#silence(tell));
      run.watchdog = this.#options.clock.after(first - tell, () => this.#silent(run, first));
    });
  }

  #silent(run: Run, patience: number): void {
    if (this.#heir?.run === run) {
      const { onSettled } = this.#heir;
      this.#dismissHeir();
      onSettled(false);
      return;
    }
    this.#set('waiting', this.#silence(patience));
    this.#end(run);
  }

  #silence(ms: number): ProblemReport {
    return { code: 'source.silent', params: { source: this.#options.source, seconds: Math.round(ms / 1000) } };
  }

  #ended(run: Run, exit: Exit): void {
    run.watchdog?.cancel();
    if (this.#heir?.run === run) {
      const { onSettled } = this.#heir;
      this.#heir = null;
      onSettled(false);
    }
    if (this.#run !== run) return;
    this.#run = null;
    this.#dismissHeir();
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
