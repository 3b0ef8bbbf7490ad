import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { parseWire } from '../api/wire.ts';
import { backoff } from './backoff.ts';
import { LIVE_EVENTS, type LiveEvent } from './reduce.ts';

/** `connecting`: not live yet and nothing wrong so far. Stamps are epoch ms of this device. */
export type Connection = { phase: 'connecting' } | { phase: 'live' } | { phase: 'offline'; lastHeard: number | null; retryAt: number };

/** The part of the browser's EventSource that is used. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}

export interface StreamOptions {
  clock: Clock;
  /** 0..1 */
  random: () => number;
  open(): EventSourceLike;
  /** Asks the hub whether the session still holds; rejects when it does not answer. */
  probe(): Promise<boolean>;
  onEvent(event: LiveEvent): void;
  onConnection(connection: Connection): void;
  onSignedOut(): void;
}

/** Milliseconds. A quiet house sends nothing, so silence is followed by a question before it counts as a loss. */
export const PATIENCE = { connect: 10_000, silence: 30_000, check: 10_000 } as const;

/**
 * The one live stream of the panel. It does not leave reconnecting to the EventSource, which gives up on HTTP errors, tells
 * nobody when it will try again, and takes a half-open connection for a living one.
 */
export class LiveStream {
  readonly #options: StreamOptions;
  #source: EventSourceLike | null = null;
  #retry: Timer | null = null;
  #watch: Timer | null = null;
  #attempt = 0;
  /** mono, ms: of the last event, or of the opening */
  #heard = 0;
  /** wall, epoch ms */
  #lastHeard: number | null = null;
  #live = false;
  #probing = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#watch) return;
    this.#watch = this.#options.clock.every(PATIENCE.check, () => this.check());
    this.#options.onConnection({ phase: 'connecting' });
    this.#connect();
  }

  close(): void {
    this.#watch?.cancel();
    this.#watch = null;
    this.#retry?.cancel();
    this.#retry = null;
    this.#drop();
    this.#attempt = 0;
  }

  /** Tries at once where it waits: the person asked, or the network came back. */
  retryNow(): void {
    if (!this.#retry) return;
    this.#retry.cancel();
    this.#connect();
  }

  /** Looks whether a silent stream still lives: now and then, and when the page comes back from the background. */
  check(): void {
    if (!this.#source || this.#probing) return;
    const silence = this.#options.clock.mono() - this.#heard;
    if (!this.#live && silence >= PATIENCE.connect) this.#lost();
    else if (this.#live && silence >= PATIENCE.silence) void this.#ask();
  }

  #connect(): void {
    this.#retry = null;
    this.#heard = this.#options.clock.mono();
    const source = this.#options.open();
    this.#source = source;
    source.addEventListener('error', () => {
      if (this.#source === source) this.#lost();
    });
    for (const type of LIVE_EVENTS) {
      source.addEventListener(type, ({ data }) => {
        if (this.#source === source) this.#take(type, String(data));
      });
    }
  }

  #take(type: LiveEvent['type'], text: string): void {
    const { clock, onConnection, onEvent } = this.#options;
    this.#heard = clock.mono();
    this.#lastHeard = clock.wall();
    onEvent({ type, data: parseWire(text) } as LiveEvent);
    if (this.#live || type !== 'house') return;
    this.#live = true;
    this.#attempt = 0;
    onConnection({ phase: 'live' });
  }

  #lost(): void {
    this.#drop();
    const wait = backoff(this.#attempt, this.#options.random());
    this.#attempt += 1;
    this.#retry = this.#options.clock.after(wait, () => this.#connect());
    this.#options.onConnection({ phase: 'offline', lastHeard: this.#lastHeard, retryAt: this.#options.clock.wall() + wait });
    void this.#ask();
  }

  // An EventSource does not tell a refused session from a lost network.
  async #ask(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    const asked = this.#source;
    try {
      if (await this.#options.probe()) this.#heard = this.#options.clock.mono();
      else if (this.#watch) this.#options.onSignedOut();
    } catch {
      if (asked && this.#source === asked) this.#lost();
    } finally {
      this.#probing = false;
    }
  }

  #drop(): void {
    this.#source?.close();
    this.#source = null;
    this.#live = false;
  }
}
