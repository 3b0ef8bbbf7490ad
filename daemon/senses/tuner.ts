import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock, Timer } from '../api/clock.ts';
import type { StatePort } from '../api/ports.ts';
import { describeExit, exitOf } from './capture/child.ts';
import { forwardLog } from './child-log.ts';
import type { DesiredState } from './protocol.ts';
import { sandboxed } from './sandbox.ts';

const timing = z.object({ threads: z.number().int().positive(), ms: z.number().positive() });

/** What the measuring process says, once. */
const tuningSchema = z.object({ key: z.string(), threads: z.number().int().positive(), timings: z.array(timing).max(64) });

const measurementSchema = tuningSchema.extend({ at: z.number() });

/** How many threads do best, and how long one frame took with each number that was tried. `at`: epoch ms. */
export type Measurement = z.output<typeof measurementSchema>;

export interface TunerOptions {
  log: Logger;
  clock: Clock;
  state: StatePort;
  /** Of the hub */
  env: NodeJS.ProcessEnv;
  /** Called when a measurement is there that the senses can be told. */
  onMeasured: (measurement: Measurement) => void;
}

const KEY = 'models.tuning';
/** ms after the senses have asked for it: the first moods come first. */
const DELAY = 60_000;
/** ms after which a measurement that does not end is given up. */
const PATIENCE = 120_000;

/**
 * Has the networks timed on this machine, once for each set of networks: in a process of its own under the senses' sandbox,
 * since sessions made anew in a living process leak, and at the lowest priority. What it found is kept.
 */
export class Tuner {
  readonly #options: TunerOptions;
  #waiting: Timer | undefined;
  #measuring: { key: string; abort: AbortController; done: Promise<void> } | undefined;

  constructor(options: TunerOptions) {
    this.#options = options;
  }

  /** What was measured last, on this machine or another one with the same disk; `key` tells. */
  get latest(): Measurement | null {
    return this.#options.state.get(KEY, measurementSchema) ?? null;
  }

  /** Measures in a while, unless that is under way. */
  request(key: string, models: DesiredState['models']): void {
    if (this.#measuring?.key === key) return;
    this.#waiting?.cancel();
    this.#waiting = this.#options.clock.after(DELAY, () => this.#begin(key, models));
  }

  async close(): Promise<void> {
    this.#waiting?.cancel();
    this.#measuring?.abort.abort();
    await this.#measuring?.done;
  }

  #begin(key: string, models: DesiredState['models']): void {
    if (this.#measuring) return;
    const abort = new AbortController();
    const done = this.#measure(models, abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#options.log.warn({ event: 'tuning_failed', err: error }, 'threads not measured');
      })
      .finally(() => {
        this.#measuring = undefined;
      });
    this.#measuring = { key, abort, done };
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
    onMeasured(measurement);
  }
}
