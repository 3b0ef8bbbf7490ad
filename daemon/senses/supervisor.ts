import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Observation } from '../mood/observation.ts';
import { backoffDelay } from './backoff.ts';
import { describeExit, type Exit, endChild, exitOf, type StopStep } from './capture/child.ts';
import { forwardLog } from './child-log.ts';
import {
  type DesiredState,
  type DownMessage,
  type ModelReport,
  PROTOCOL_VERSION,
  type ProblemReport,
  type Signal,
  type SourceReport,
  type TextMessage,
  type ThreadsReport,
  type UpMessage,
  upMessageSchema,
} from './protocol.ts';
import { Questions } from './questions.ts';
import { sandboxed } from './sandbox.ts';
import { TextQueue } from './text-queue.ts';

export interface Wanted extends Omit<DesiredState, 'type' | 'v' | 'revision'> {
  /** Messages may come: the process runs for them even where no source does. */
  text?: boolean;
}

export interface SensesEvents {
  observation: [Observation];
  source: [SourceReport];
  model: [ModelReport];
  /** How many threads the networks of pictures got, each time the senses load them. */
  threads: [ThreadsReport];
  /** Why no source is read at all; null when that is over. */
  problem: [ProblemReport | null];
  /** Why messages were not read; null when that is over. */
  text: [ProblemReport | null];
  /** Process id of the senses; null while there are none. */
  pid: [number | null];
  /** A device that sent to a phone source was cut off. When the process ends, all are. */
  ended: [{ source: string; session: string; problem: ProblemReport }];
}

export interface SensesOptions {
  log: Logger;
  clock: Clock;
  /** 0 <= random() < 1 */
  random?: () => number;
  /** Of the hub. Only what the senses need is passed on. */
  env?: NodeJS.ProcessEnv;
  /** The module that runs inside the sandbox. */
  entry?: string;
}

export interface SensesStatus {
  pid: number | null;
  problem: ProblemReport | null;
  /** True when exactly what was last applied runs: what is off has no process any more. */
  settled: boolean;
  sources: SourceReport[];
  models: ModelReport[];
  /** Observations that were too old to be sent when the hub had time for them; since the senses started. */
  dropped: number;
  /** Messages from the senses that were no valid ones. */
  refused: number;
}

/** The senses process, from spawn to exit. */
interface Running {
  child: ChildProcess;
  exited: Promise<Exit>;
  models: Wanted['models'];
  ready: boolean;
  applied: number;
  dropped: number;
  watchdog: Timer;
  /** Set once it was told to end; resolves when it has. */
  retired: Promise<void> | null;
  /** Why it was killed, where it was. */
  verdict: ProblemReport | null;
}

/** ms without a sign of life before the process is killed; while it starts, and later. Above the longest inference. */
const STARTUP = 30_000;
const SILENCE = 10_000;
/** So many ends in so many ms, and it is given up. */
const BUDGET = { times: 5, within: 60_000 };
const RETRY = { base: 500, max: 8000 };
/** ms from giving up until it is tried once more: what was wrong may have been mended, or have passed. */
const SECOND_CHANCE = 5 * 60_000;

/**
 * Keeps the senses process in line with what is wanted: none while neither a source nor text is, one otherwise. Killed when it stalls,
 * started again when it ends (after five ends within a minute, every five minutes), replaced when the models change (an ONNX session
 * made anew in a living process leaks memory).
 */
export class Senses {
  readonly events = new EventEmitter<SensesEvents>();
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #env: NodeJS.ProcessEnv;
  readonly #entry: string;
  #wanted: Wanted | null = null;
  #revision = 0;
  #running: Running | null = null;
  #retry: Timer | null = null;
  #ends: number[] = [];
  #problem: ProblemReport | null = null;
  #givenUp = false;
  #closed = false;
  #refused = 0;
  readonly #questions: Questions;
  readonly #sources = new Map<string, SourceReport>();
  readonly #models = new Map<string, ModelReport>();
  readonly #texts: TextQueue;

  constructor({ log, clock, random = Math.random, env = process.env, entry }: SensesOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
    this.#env = env;
    this.#questions = new Questions({ clock, send });
    this.#entry = entry ?? fileURLToPath(new URL('./process.ts', import.meta.url));
    this.#texts = new TextQueue({
      clock,
      send: (message) => this.#running && send(this.#running.child, message),
      onDropped: (dropped) => this.events.emit('text', dropped > 0 ? { code: 'text.dropped', params: { dropped } } : null),
    });
  }

  /** Makes this, and nothing else, run. May be called at any time; also ends having given up. */
  apply(wanted: Wanted): void {
    if (this.#closed) return;
    this.#wanted = structuredClone(wanted);
    this.#revision++;
    if (this.#givenUp || !isNeeded(wanted)) this.#forgive();
    this.#noteWanted();
    if (!this.#running) this.#noteUnwanted();
    this.#reconcile();
  }

  /**
   * Has a message read, in turn: its observation follows. To be called once `apply` said that messages may come.
   * @throws RoomtoneError why nothing can read it
   */
  read(message: Omit<TextMessage, 'type' | 'id'>): void {
    const model = this.#models.get('text-emotion');
    const problem = this.#givenUp ? this.#problem : model?.model === null ? model.problem : null;
    if (problem) throw new RoomtoneError(problem.code, { params: problem.params });
    this.#texts.push(message);
  }

  /** Forgets the messages to a room that still wait. */
  forgetTexts(room: string): void {
    this.#texts.forget(room);
  }

  /**
   * Says something to a phone source on behalf of the device that sends to it. Gives what is to be answered.
   * @throws RoomtoneError `phone.*`; `phone.no_answer` where the senses are ending, starting for long, or stuck
   */
  signal(said: Pick<Signal, 'source' | 'session' | 'words'>): Promise<string | null> {
    const running = this.#running;
    return this.#questions.ask(said, running?.ready && !running.retired ? running.child : null);
  }

  status(): SensesStatus {
    const wanted = isNeeded(this.#wanted);
    return {
      pid: this.#running?.child.pid ?? null,
      problem: this.#problem,
      settled: this.#running ? wanted && !this.#running.retired && this.#running.applied === this.#revision : !wanted,
      sources: [...this.#sources.values()],
      models: [...this.#models.values()],
      dropped: this.#running?.dropped ?? 0,
      refused: this.#refused,
    };
  }

  /** Ends the process and all captures. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wanted = null;
    this.#texts.close();
    this.#forgive();
    this.#questions.fail();
    if (this.#running) await this.#retire(this.#running);
  }

  #reconcile(): void {
    if (this.#closed || !this.#wanted) return;
    const { sources, models, tuning } = this.#wanted;
    const running = this.#running;
    if (!running) {
      if (isNeeded(this.#wanted) && !this.#retry && !this.#givenUp) this.#launch(models);
    } else if (!isNeeded(this.#wanted) || !isDeepStrictEqual(models, running.models)) {
      void this.#retire(running);
    } else if (running.ready && !running.retired) {
      send(running.child, { type: 'desired', v: PROTOCOL_VERSION, revision: this.#revision, sources, models, tuning });
      this.#texts.open();
    }
  }

  #launch(models: Wanted['models']): void {
    let child: ChildProcess;
    try {
      const { command, args, env } = sandboxed(this.#entry, this.#env);
      // A session of its own: Ctrl-C in the terminal is for the hub, which ends the senses in good order.
      const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
      child = spawn(command, args, { env: { ...env, ROOMTONE_LOG_LEVEL: this.#log.level }, stdio: [...stdio], detached: true });
    } catch (thrown) {
      const { code, params } = toRoomtoneError(thrown);
      this.#giveUp({ code, params });
      return;
    }
    const running: Running = {
      child,
      exited: exitOf(child),
      models,
      ready: false,
      applied: 0,
      dropped: 0,
      watchdog: this.#clock.after(STARTUP, () => this.#stalled(running, STARTUP)),
      retired: null,
      verdict: null,
    };
    this.#running = running;
    forwardLog(child, this.#log);
    child.on('message', (raw) => this.#receive(running, raw));
    void running.exited.then((exit) => this.#ended(running, exit));
    this.events.emit('pid', child.pid ?? null);
  }

  /** The end of a process that is no longer wanted as it is. */
  #retire(running: Running): Promise<void> {
    running.watchdog.cancel();
    this.#texts.hold();
    running.retired ??= endChild(running.child, { exited: running.exited, ladder: FAREWELL, clock: this.#clock });
    return running.retired;
  }

  #stalled(running: Running, after: number): void {
    running.verdict = { code: 'senses.stalled', params: { seconds: after / 1000 } };
    running.child.kill('SIGKILL');
  }

  #ended(running: Running, exit: Exit): void {
    running.watchdog.cancel();
    this.#running = null;
    this.#texts.lost();
    this.#forgetModels();
    this.#questions.fail(running.child);
    this.events.emit('pid', null);
    if (running.retired) this.#log.info({ event: 'senses.ended' }, 'senses ended');
    else this.#failed(running.verdict ?? { code: 'senses.restarting', params: { what: describeExit(exit, '') } });
    this.#resetSources();
    this.#reconcile();
  }

  #failed(problem: ProblemReport): void {
    this.#log.error({ event: problem.code, ...problem.params }, 'senses failed');
    const now = this.#clock.mono();
    this.#ends = [...this.#ends.filter((at) => now - at < BUDGET.within), now];
    if (this.#ends.length >= BUDGET.times) {
      this.#giveUp({ code: 'senses.unavailable', params: { times: BUDGET.times, what: describeProblem(problem) } });
      return;
    }
    this.#setProblem(problem);
    this.#retry = this.#clock.after(backoffDelay(this.#ends.length, RETRY, this.#random), () => {
      this.#retry = null;
      this.#reconcile();
    });
  }

  #giveUp(problem: ProblemReport): void {
    this.#log.error({ event: problem.code, ...problem.params }, 'senses given up');
    this.#givenUp = true;
    this.#texts.forget();
    this.#setProblem(problem);
    this.#resetSources();
    this.#retry = this.#clock.after(SECOND_CHANCE, () => this.#tryOnceMore());
  }

  #tryOnceMore(): void {
    this.#retry = null;
    this.#givenUp = false;
    this.#ends = Array<number>(BUDGET.times - 1).fill(this.#clock.mono());
    this.#reconcile();
  }

  #forgive(): void {
    this.#givenUp = false;
    this.#ends = [];
    this.#retry?.cancel();
    this.#retry = null;
    if (!isNeeded(this.#wanted)) this.#setProblem(null);
  }

  #receive(running: Running, raw: unknown): void {
    if (this.#running !== running) return;
    const parsed = upMessageSchema.safeParse(raw);
    if (!parsed.success) {
      if (this.#refused++ === 0) this.#log.error({ event: 'senses.refused', issues: parsed.error.issues.slice(0, 3) }, 'message refused');
      return;
    }
    if (!running.retired && !running.verdict) {
      running.watchdog.cancel();
      running.watchdog = this.#clock.after(SILENCE, () => this.#stalled(running, SILENCE));
    }
    this.#understand(running, parsed.data);
  }

  #understand(running: Running, message: UpMessage): void {
    switch (message.type) {
      case 'ready':
        running.ready = true;
        this.#reconcile();
        if (!running.retired) this.#questions.listening(running.child);
        return;
      case 'signalled':
        this.#questions.answer(message);
        return;
      case 'session-ended':
        this.events.emit('ended', message);
        return;
      case 'heartbeat':
        running.dropped = message.dropped;
        running.applied = message.applied;
        if (message.applied > 0) this.#setProblem(null);
        if (message.applied === this.#revision) this.#noteUnwanted();
        return;
      case 'model':
        this.#noteModel(message);
        return;
      case 'threads':
        this.events.emit('threads', message);
        return;
      case 'source':
        this.#noteSource(message);
        return;
      case 'text':
        this.#texts.done(message.id);
        return;
      case 'observation':
        if (this.#isWanted(message.observation)) this.events.emit('observation', message.observation);
    }
  }

  /** What was under way when its source was switched off is nobody's any more. */
  #isWanted({ modality, source, room }: Observation): boolean {
    if (modality === 'text') return this.#wanted?.text ?? false;
    return this.#wanted?.sources.some((each) => each.id === source && each.room === room) ?? false;
  }

  #noteModel(report: ModelReport): void {
    if (report.model === null && report.problem === null) this.#models.delete(report.role);
    else this.#models.set(report.role, report);
    this.events.emit('model', report);
  }

  /** Nothing is loaded any more; what was wrong with the models stays said as long as somebody wants them. */
  #forgetModels(): void {
    const roles = [...this.#models.values()].map(({ role }) => role);
    this.#models.clear();
    if (isNeeded(this.#wanted)) return;
    for (const role of roles) this.#noteModel({ type: 'model', role, model: null, problem: null });
  }

  #noteSource(report: SourceReport): void {
    if (!this.#sources.has(report.source)) return;
    this.#sources.set(report.source, report);
    this.events.emit('source', report);
  }

  /** A source that is wanted from now on is known, as starting, before the senses speak of it. */
  #noteWanted(): void {
    for (const { id } of this.#wanted?.sources ?? []) {
      if (this.#sources.has(id)) continue;
      this.#sources.set(id, idle(id, 'starting', null));
      this.#noteSource(idle(id, 'starting', null));
    }
  }

  /** Called when nothing runs that is not wanted. */
  #noteUnwanted(): void {
    const wanted = new Set(this.#wanted?.sources.map(({ id }) => id));
    for (const { source, state } of this.#sources.values()) {
      if (wanted.has(source)) continue;
      if (state !== 'off') this.#noteSource(idle(source, 'off', null));
      this.#sources.delete(source);
    }
  }

  /** No capture runs any more. */
  #resetSources(): void {
    this.#noteUnwanted();
    for (const source of this.#sources.keys()) this.#noteSource(idle(source, this.#problem ? 'waiting' : 'starting', this.#problem));
  }

  #setProblem(problem: ProblemReport | null): void {
    if (isDeepStrictEqual(problem, this.#problem)) return;
    this.#problem = problem;
    this.events.emit('problem', problem);
  }
}

const isNeeded = (wanted: Wanted | null): boolean => wanted !== null && (wanted.sources.length > 0 || (wanted.text ?? false));

const FAREWELL: readonly StopStep[] = [
  { act: (child) => send(child, { type: 'shutdown' }), patience: 3000 },
  { act: (child) => void child.kill('SIGKILL'), patience: 3000 },
];

/** A channel that breaks is followed by the exit of the process, which tells the rest. */
function send(child: ChildProcess, message: DownMessage): void {
  if (child.connected) child.send(message, () => {});
}

function idle(source: string, state: SourceReport['state'], problem: ProblemReport | null): SourceReport {
  return { type: 'source', source, state, problem, rate: 0, dropped: 0, pid: null };
}

function describeProblem({ params, code }: ProblemReport): string {
  return typeof params.what === 'string' ? params.what : code;
}
