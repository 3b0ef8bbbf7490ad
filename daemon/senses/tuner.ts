import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock, Timer } from '../api/clock.ts';
import type { StatePort } from '../api/ports.ts';
import type { InferenceView } from '../api/views.ts';
import { describeExit, exitOf } from './capture/child.ts';
import { forwardLog } from './child-log.ts';
import type { DesiredState, ThreadsReport } from './protocol.ts';
import { sandboxed } from './sandbox.ts';

const KEY = 'models.tuning';

const timing = z.object({ threads: z.number().int().positive(), ms: z.number().positive() });

/** What the measuring process says, once. */
const tuningSchema = z.object({ key: z.string(), threads: z.number().int().positive(), timings: z.array(timing).max(64) });

const measurementSchema = tuningSchema.extend({ at: z.number() });

/** How many threads do best, and how long one frame took with each number that was tried. `at`: epoch ms. */
type Measurement = z.output<typeof measurementSchema>;

export interface TunerOptions {
  log: Logger;
  clock: Clock;
  state: StatePort;
  /** Of the hub */
  env: NodeJS.ProcessEnv;
  /** Called when there is new advice for the senses. */
  onMeasured: () => void;
}

/** ms after the senses have asked for it: the first moods come first. */
const DELAY = 60_000;
/** ms after which a measurement that does not end is given up. */
const PATIENCE = 120_000;

/** What was measured last; `key` tells for which machine and networks. */
export const latestTuning = (state: StatePort): Measurement | null => state.get(KEY, measurementSchema) ?? null;

/**
 * Has the networks timed on this machine, once for each set of networks: in a process of its own under the senses' sandbox,
 * since sessions made anew in a living process leak, and at the lowest priority. What it found is kept.
 */
export class Tuner {
  readonly #options: TunerOptions;
  #waiting: Timer | undefined;
  #measuring: { abort: AbortController; done: Promise<void> } | undefined;
  #report: Omit<ThreadsReport, 'type'> | null = null;

  constructor(options: TunerOptions) {
    this.#options = options;
  }

  /** What the senses are told: it counts where its key is that of their machine and networks. */
  get advice(): DesiredState['tuning'] {
    const latest = latestTuning(this.#options.state);
    return latest && { key: latest.key, threads: latest.threads };
  }

  /** What is in use, and what was measured for it. */
  view(): Omit<InferenceView, 'threads'> {
    const latest = latestTuning(this.#options.state);
    const measured = latest && (this.#report === null || this.#report.key === latest.key) ? latest : null;
    return {
      inUse: this.#report?.threads ?? null,
      measured: measured && { at: measured.at, chosen: measured.threads, timings: measured.timings },
    };
  }

  /** What the senses made of it, null when they have ended. Where nothing fits, it is measured in a while. */
  note(report: Omit<ThreadsReport, 'type'> | null, models?: DesiredState['models']): void {
    this.#report = report;
    this.#waiting?.cancel();
    if (report && models && !report.tuned) this.#waiting = this.#options.clock.after(DELAY, () => this.#begin(models));
  }

  async close(): Promise<void> {
    this.#waiting?.cancel();
    this.#measuring?.abort.abort();
    await this.#measuring?.done;
  }

  #begin(models: DesiredState['models']): void {
    if (this.#measuring) return;
    const abort = new AbortController();
    const done = this.#measure(models, abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#options.log.warn({ event: 'tuning_failed', err: error }, 'threads not measured');
      })
      .finally(() => {
        this.#measuring = undefined;
      });
    this.#measuring = { abort, done };
  }

  async #measure(models: DesiredState['models'], signal: AbortSignal): Promise<void> {
    const { log, clock, state, env, onMeasured } = this.#options;
    const { command, args, env: passedOn } = sandboxed(fileURLToPath(new URL('./measure.ts', import.meta.url)), env);
    const child = spawn(command, args, { env: passedOn, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    const end = () => void child.kill('SIGKILL');
    signal.addEventListener('abort', end);
    const patience = clock.after(PATIENCE, end);
    let said: unknown;
    child.on('message', (message) => {
      said = message;
    });
    forwardLog(child, log);
    child.send(models, () => {});
    const exit = await exitOf(child);
    patience.cancel();
    signal.throwIfAborted();
    const parsed = tuningSchema.safeParse(said);
    if (!parsed.success) throw new Error(describeExit(exit, 'it said nothing that can be used'));
    const measurement = { ...parsed.data, at: clock.wall() };
    state.set(KEY, measurement);
    const { threads, timings } = measurement;
    log.info({ event: 'tuned', threads, timings }, 'threads chosen: the fewest within a tenth of the fastest; used when models load next');
    onMeasured();
  }
}
