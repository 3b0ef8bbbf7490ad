import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import type { SourceView } from '../../daemon/api/views.ts';
import { ApiError } from '../api/client.ts';
import { CaptureError, type Choice } from './media.ts';
import { type Hindrance, isCapturing, next, type OnAir, type OnAirEvent } from './on-air.ts';

/** One connection to the hub, as whip.ts makes it. */
export interface Publication {
  publish(stream: MediaStream, options: { takeOver: boolean }): Promise<void>;
  close(): void;
}

export interface BroadcastOptions {
  clock: Clock;
  /** 0..1 */
  random: () => number;
  /** Whether it comes back by itself, as a sensor does. */
  persistent: boolean;
  /** @throws CaptureError */
  open(choice: Choice): Promise<MediaStream>;
  connect(source: string, onLost: () => void): Publication;
}

/** What is sent, and where to. */
export interface Target {
  source: string;
  choice: Choice;
}

/** This device on air: does what its state asks for, and tells the state what came of it. Effects may call it: it subscribes to nothing. */
export class Broadcast {
  readonly #options: BroadcastOptions;
  readonly #state = signal<OnAir>({ phase: 'idle' });
  readonly #target = signal<Target | null>(null);
  readonly #stream = signal<MediaStream | null>(null);
  readonly #muted = signal(false);
  #publication: Publication | null = null;
  #retry: Timer | null = null;

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<OnAir> {
    return this.#state;
  }

  get target(): ReadonlySignal<Target | null> {
    return this.#target;
  }

  /** What camera and microphone give; null while they are closed. */
  get stream(): ReadonlySignal<MediaStream | null> {
    return this.#stream;
  }

  get muted(): ReadonlySignal<boolean> {
    return this.#muted;
  }

  start(target: Target, { takeOver = false } = {}): void {
    this.#hangUp();
    this.#release();
    this.#target.value = target;
    this.#take({ type: 'start', takeOver });
  }

  /** Has it begin as soon as `heard` says that the source is on. */
  aim(target: Target): void {
    this.#target.value = target;
  }

  takeOver(): void {
    const target = this.#target.peek();
    if (target) this.start(target, { takeOver: true });
  }

  stop(): void {
    this.#take({ type: 'stop' });
  }

  /** Tries at once where it waits: the network came back, or the page. */
  retryNow(): void {
    this.#take({ type: 'retry' });
  }

  /** Sends silence in place of sound, or sound again. */
  mute(muted: boolean): void {
    this.#muted.value = muted;
    for (const track of this.#stream.peek()?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** What the hub says of the source. @param sensing house-wide */
  heard(source: Pick<SourceView, 'enabled' | 'state' | 'publisher'>, sensing: boolean): void {
    this.#take({ type: 'source', on: sensing && source.enabled && source.state !== 'off', taken: source.publisher !== undefined });
  }

  /** A person must act, says the hub. */
  refuse(why: Hindrance): void {
    this.#take({ type: 'refused', why });
  }

  #take(event: OnAirEvent): void {
    const before = this.#state.peek();
    const state = next(before, event, this.#options);
    if (state === before) return;
    this.#retry?.cancel();
    this.#retry = null;
    if (state.phase !== 'joining' && state.phase !== 'live') this.#hangUp();
    if (!isCapturing(state)) this.#release();
    this.#state.value = state;
    if (state.phase === 'asking') void this.#open(state);
    else if (state.phase === 'joining') void this.#join(state);
    else if (state.phase === 'waiting') this.#retry = this.#options.clock.after(state.wait, () => this.retryNow());
  }

  async #open(asked: OnAir): Promise<void> {
    const target = this.#target.peek();
    if (!target) return;
    try {
      const stream = usable(this.#stream.peek()) ?? (await this.#options.open(target.choice));
      if (this.#state.peek() !== asked) {
        if (stream !== this.#stream.peek()) stop(stream);
        return;
      }
      this.#hold(stream);
      this.#take({ type: 'opened' });
    } catch (error) {
      if (this.#state.peek() === asked) this.#fail(hindranceOf(error));
    }
  }

  async #join(joining: Extract<OnAir, { phase: 'joining' }>): Promise<void> {
    const target = this.#target.peek();
    const stream = this.#stream.peek();
    if (!target || !stream) return;
    const publication = this.#options.connect(target.source, () => {
      if (this.#publication === publication) this.#fail({ code: 'panel.no_connection', params: {} });
    });
    this.#publication = publication;
    try {
      await publication.publish(stream, joining);
      if (this.#publication === publication) this.#take({ type: 'connected' });
    } catch (error) {
      if (this.#publication === publication) this.#fail(hindranceOf(error));
    }
  }

  #fail(why: Hindrance): void {
    this.#take({ type: 'failed', why, random: this.#options.random() });
  }

  #hold(stream: MediaStream): void {
    if (stream === this.#stream.peek()) return;
    this.#release();
    this.#stream.value = stream;
    this.mute(this.#muted.peek());
    for (const track of stream.getTracks()) {
      // Unplugged, taken back in the browser's settings, or needed by a call.
      track.addEventListener('ended', () => {
        if (this.#stream.peek() === stream) this.#fail({ code: 'panel.capture_ended', params: {} });
      });
    }
  }

  #hangUp(): void {
    const publication = this.#publication;
    this.#publication = null;
    publication?.close();
  }

  #release(): void {
    const stream = this.#stream.peek();
    this.#stream.value = null;
    if (stream) stop(stream);
  }
}

/** A track that ended gives nothing any more: then all is opened anew. */
const usable = (stream: MediaStream | null): MediaStream | null =>
  stream?.getTracks().every(({ readyState }) => readyState === 'live') ? stream : null;

const stop = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop();
};

function hindranceOf(error: unknown): Hindrance {
  if (error instanceof ApiError) return { code: error.code, params: error.params };
  if (error instanceof CaptureError) return { code: error.code, params: {} };
  return { code: 'panel.no_connection', params: {} };
}
