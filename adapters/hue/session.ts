import type { Logger } from 'pino';
import type { Clock } from '../../daemon/api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { HueClient } from './client.ts';
import { eventsSchema } from './resources.ts';
import { readEvents } from './stream.ts';

export interface HueTimings {
  /** ms until an answer must be there */
  answerWithin: number;
  /** ms without a byte on the event stream after which it is opened anew */
  silence: number;
  /** ms before the second attempt to reach the bridge; doubles up to `longestRetry`, short because it is on the local network */
  firstRetry: number;
  longestRetry: number;
  /** ms between attempts while only a person can mend it */
  blockedRetry: number;
}

export const HUE_TIMINGS: HueTimings = { answerWithin: 5000, silence: 60_000, firstRetry: 500, longestRetry: 1500, blockedRetry: 60_000 };

/** A session this short (ms) does not count as a recovery: reconnecting to a bridge that hangs up at once must slow down. */
const SHORT_SESSION = 10_000;
/** Full pictures taken in a row before one is believed although changes came in meanwhile. */
const PICTURES = 3;

export interface HueSessionOptions {
  /** As people know the bridge: its address in the configuration. */
  host: string;
  log: Logger;
  clock: Clock;
  timings: HueTimings;
  /** @throws RoomtoneError */
  connect(signal: AbortSignal): Promise<HueClient>;
  /** Everything the bridge has, first and after every gap; from here on the session is live. */
  onPicture(resources: readonly unknown[]): void;
  /** What changed since. @returns false if everything must be fetched anew */
  onEvents(events: readonly { type: string; data: unknown[] }[]): boolean;
  /** The bridge could not be reached, or must not be used. */
  onLost(): void;
  onProblem(problem: RoomtoneError | null): void;
}

/** Keeps the event stream of one bridge open for as long as it takes, with a full picture after every gap. */
export class HueSession {
  readonly #options: HueSessionOptions;
  readonly #closing = new AbortController();
  /** Ends what is open now, to begin anew. */
  #over = new AbortController();
  #running: Promise<void> | undefined;
  #client: HueClient | undefined;
  #lastEventId: string | undefined;
  /** When the session went live; undefined while there is none. */
  #liveSince: number | undefined;
  /** A change came in while the full picture was on its way. */
  #disturbed = false;
  #problem: RoomtoneError | null = null;
  #wake: (() => void) | undefined;

  constructor(options: HueSessionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#running;
    await this.#dropClient();
  }

  /** Aborts when the session is closed for good. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Undefined while the bridge is away. */
  get client(): HueClient | undefined {
    return this.#client;
  }

  get isLive(): boolean {
    return this.#liveSince !== undefined;
  }

  /** Ends the wait for the next attempt. */
  retryNow(): void {
    this.#wake?.();
  }

  /** Begins anew: a stream that is open says nothing of what the bridge thinks of us by now. */
  doubt(): void {
    this.#over.abort(new RoomtoneError('api.closed'));
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.#session(signal);
      if (signal.aborted) return;
      const wentLive = this.#liveSince;
      this.#liveSince = undefined;
      if (error?.fault === 'us')
        this.#options.log.error({ event: 'hue_session_broke', host: this.#options.host, err: error }, 'session broke');
      if (error && wentLive === undefined) await this.#onFailure(error);
      const lived = wentLive === undefined ? 0 : this.#options.clock.mono() - wentLive;
      failures = lived >= SHORT_SESSION ? 0 : failures + 1;
      await this.#pause(this.#delay(error, failures), signal);
    }
  }

  /** After a good session the next attempt is at once. */
  #delay(error: RoomtoneError | undefined, failures: number): number {
    const { firstRetry, longestRetry, blockedRetry } = this.#options.timings;
    if (error?.fault === 'user') return blockedRetry;
    return failures === 0 ? 0 : Math.min(longestRetry, firstRetry * 2 ** (failures - 1));
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = this.#options.clock.after(ms, wake);
    this.#wake = wake;
    signal.addEventListener('abort', wake, { once: true });
    return promise.finally(() => {
      timer.cancel();
      this.#wake = undefined;
      signal.removeEventListener('abort', wake);
    });
  }

  /** Connects, takes a full picture and listens. Returns what ended it; undefined if it is to begin anew at once. */
  async #session(closing: AbortSignal): Promise<RoomtoneError | undefined> {
    const over = new AbortController();
    this.#over = over;
    const signal = AbortSignal.any([closing, over.signal]);
    const { host, clock, timings, connect } = this.#options;
    let work: Promise<void>[] = [];
    try {
      this.#client ??= await connect(signal);
      const stream = await this.#client.openStream(this.#lastEventId, signal);
      const onMessage = (message: { id: string | undefined; data: string }): boolean => this.#onMessage(message);
      work = [readEvents(stream, { host, clock, silence: timings.silence, onMessage }), this.#goLive(this.#client, signal)];
      await Promise.all(work);
      return undefined;
    } catch (error) {
      return over.signal.aborted ? undefined : toRoomtoneError(error);
    } finally {
      over.abort(new RoomtoneError('api.closed'));
      await Promise.allSettled(work);
    }
  }

  /**
   * Fetches everything. The stream is open by then, so no change can be missed; but one that came in before the answer may
   * be older or newer than it, so the picture is taken again until nothing came in meanwhile.
   */
  async #goLive(client: HueClient, signal: AbortSignal): Promise<void> {
    let resources: unknown[] = [];
    for (let taken = 0; taken < PICTURES; taken += 1) {
      this.#disturbed = false;
      resources = await client.resources(signal);
      if (!this.#disturbed) break;
    }
    // From here on in one go: a message must find either the old session state or the new one.
    this.#liveSince = this.#options.clock.mono();
    this.#options.onPicture(resources);
    if (!this.#problem) return;
    this.#problem = null;
    this.#options.onProblem(null);
  }

  /** @returns false if the session must begin anew */
  #onMessage({ id, data }: { id: string | undefined; data: string }): boolean {
    const events = this.#parse(data);
    this.#lastEventId = id ?? this.#lastEventId;
    this.#disturbed = true;
    return this.isLive ? this.#options.onEvents(events) : true;
  }

  #parse(data: string) {
    try {
      return eventsSchema.parse(JSON.parse(data));
    } catch (cause) {
      throw new RoomtoneError('hue.bad_answer', { params: { host: this.#options.host, what: 'an event that cannot be read' }, cause });
    }
  }

  /** One problem per outage, however it shows from attempt to attempt, unless it turns out that a person must mend it. */
  async #onFailure(error: RoomtoneError): Promise<void> {
    await this.#dropClient();
    if (error.code === 'device.rate_limited') return;
    this.#options.onLost();
    if (this.#problem && (this.#problem.code === error.code || error.fault !== 'user')) return;
    this.#problem = error;
    this.#options.onProblem(error);
  }

  async #dropClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }
}
