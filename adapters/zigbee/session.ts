import type { Logger } from 'pino';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import { backoff } from '../../daemon/devices/pace.ts';
import { within } from '../../daemon/devices/within.ts';
import type { Driver } from './driver.ts';

export interface SessionTimings {
  /** ms between two looks whether the coordinator is still there, while nothing is heard from it */
  heartbeat: number;
  /** ms that it may take to answer such a look: an answer that was lost holds it up for 6 s (zigbee-herdsman, `znp.ts`) */
  heartbeatWithin: number;
  /** ms before the second attempt to reach it; doubles up to `longestRetry` */
  firstRetry: number;
  longestRetry: number;
}

export interface SessionOptions {
  /** As people know it: its port. */
  port: string;
  log: Logger;
  clock: Clock;
  random: () => number;
  timings: SessionTimings;
  /** A driver that is not started. Loads the library. */
  open(): Promise<Driver>;
  /** From here on devices can be spoken to. */
  onLive(driver: Driver): Promise<void>;
  /** It cannot be reached. Called once per outage. */
  onLost(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** Keeps the connection to one coordinator for as long as it takes. */
export class ZigbeeSession {
  readonly #options: SessionOptions;
  readonly #closing = new AbortController();
  /** Of the connection there is now. */
  #over = new AbortController();
  #driver: Driver | undefined;
  #running: Promise<void> | undefined;
  #problem: RoomtoneError | null = null;
  #heardAt = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#closing.signal.aborted) this.#running ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#running;
  }

  /** Undefined while the coordinator is away. */
  get driver(): Driver | undefined {
    return this.#driver;
  }

  /** Aborts when the connection there is now ends. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Something came from the coordinator: it is there. */
  heard(): void {
    this.#heardAt = this.#options.clock.mono();
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#session(signal);
      if (signal.aborted) return;
      failures = error ? failures + 1 : 0;
      this.#onFailure(error ?? this.#away());
      const { firstRetry, longestRetry } = this.#options.timings;
      const retry = { first: firstRetry, longest: longestRetry };
      await this.#pause(backoff(retry, Math.max(1, failures), this.#options.random), signal);
    }
  }

  /** Connects, and stays until the connection ends. @returns why it could not be made */
  async #session(closing: AbortSignal): Promise<RoomtoneError | undefined> {
    const over = new AbortController();
    this.#over = over;
    const signal = AbortSignal.any([closing, over.signal]);
    let driver: Driver | undefined;
    let starting: Promise<unknown> = Promise.resolve();
    try {
      driver = await this.#options.open();
      signal.throwIfAborted();
      driver.once('adapterDisconnected', () => over.abort(this.#away()));
      starting = driver.start(signal);
      await unlessAborted(starting, signal);
      this.#driver = driver;
      await this.#options.onLive(driver);
      this.#pass();
      await this.#listen(driver, { signal, over });
      return undefined;
    } catch (error) {
      return signal.aborted ? undefined : toSessionError(error, this.#options.port);
    } finally {
      this.#driver = undefined;
      over.abort(this.#away());
      if (driver) await this.#end(driver, starting);
    }
  }

  /** Until the connection ends, which shows by its end or by silence. */
  async #listen(driver: Driver, { signal, over }: { signal: AbortSignal; over: AbortController }): Promise<void> {
    const { clock, timings } = this.#options;
    this.heard();
    let looking = false;
    const look = async (): Promise<void> => {
      if (looking || clock.mono() - this.#heardAt < timings.heartbeat) return;
      looking = true;
      try {
        await within({ clock, ms: timings.heartbeatWithin, error: this.#away(), signal }, () => driver.check());
        this.heard();
      } catch {
        over.abort(this.#away());
      }
      looking = false;
    };
    const timer = clock.every(timings.heartbeat, () => void look());
    await aborted(signal);
    timer.cancel();
  }

  /** A start that hangs in the library ends by itself after a while; what it opened until then is closed as well. */
  async #end(driver: Driver, starting: Promise<unknown>): Promise<void> {
    await driver.end();
    const endAgain = (): void => void driver.end();
    starting.then(endAgain, endAgain);
    try {
      await driver.forget();
    } catch (err) {
      this.#options.log.warn({ event: 'zigbee_not_saved', err }, 'what is known of the devices could not be written');
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer: Timer = this.#options.clock.after(ms, wake);
    signal.addEventListener('abort', wake, { once: true });
    return promise.finally(() => {
      timer.cancel();
      signal.removeEventListener('abort', wake);
    });
  }

  #away(): RoomtoneError {
    return new RoomtoneError('zigbee.coordinator_away', { params: { port: this.#options.port } });
  }

  /** One problem per outage, however it shows from attempt to attempt. */
  #onFailure(error: RoomtoneError): void {
    const { log, onLost, onProblem } = this.#options;
    if (error.fault === 'us') log.error({ event: 'zigbee_session_broke', err: error }, 'session broke');
    onLost();
    if (this.#problem) return;
    this.#problem = error;
    onProblem(error);
  }

  #pass(): void {
    if (!this.#problem) return;
    this.#problem = null;
    this.#options.onProblem(null);
  }
}

/** Whatever keeps a coordinator from being used looks alike from here: its port, its cable, another program. */
function toSessionError(thrown: unknown, port: string): RoomtoneError {
  if (thrown instanceof RoomtoneError && thrown.code !== 'api.closed') return thrown;
  if (thrown instanceof TypeError || thrown instanceof ReferenceError) return toRoomtoneError(thrown);
  return new RoomtoneError('zigbee.coordinator_away', { params: { port } });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await Promise.race([work, aborted(signal)]);
  signal.throwIfAborted();
}
