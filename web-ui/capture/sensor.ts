import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import type { SourceView } from '../../daemon/api/views.ts';
import type { Modality } from '../../daemon/mood/observation.ts';
import { ApiError, answerOf, NO_ANSWER } from '../api/client.ts';
import type { Broadcast } from './broadcast.ts';

/** What a device that is a sensor may know: `GET /api/sensor`. */
export interface SensorView {
  source: SourceView;
  /** Name of the room */
  room: string;
  /** House-wide */
  sensing: boolean;
  /** What the room's mood rests on of what this device sends. */
  reads: Modality[];
}

export interface SensorOptions {
  fetch: typeof globalThis.fetch;
  clock: Clock;
  token: string;
  broadcast: Broadcast;
  choice: Parameters<Broadcast['aim']>[0]['choice'];
}

/** ms between two questions; a device that is a sensor has no live stream. */
export const ASK_EVERY = 4000;

/** Keeps a device on air for as long as its token holds: asks the hub what is so, and has the broadcast follow. */
export class Sensor {
  readonly #options: SensorOptions;
  readonly #view = signal<SensorView | null>(null);
  readonly #reached = signal(true);
  #timer: Timer | null = null;
  #asking = false;

  constructor(options: SensorOptions) {
    this.#options = options;
  }

  /** Null until the hub answered. */
  get view(): ReadonlySignal<SensorView | null> {
    return this.#view;
  }

  /** Whether the hub answered, when it was last asked. */
  get reached(): ReadonlySignal<boolean> {
    return this.#reached;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(ASK_EVERY, () => void this.ask());
    void this.ask();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#options.broadcast.stop();
  }

  async ask(): Promise<void> {
    if (this.#asking || !this.#timer) return;
    this.#asking = true;
    try {
      const view = await this.#look();
      if (this.#timer) this.#follow(view);
    } catch (error) {
      if (this.#timer) this.#missed(error);
    } finally {
      this.#asking = false;
    }
  }

  async #look(): Promise<SensorView> {
    const { fetch, token } = this.#options;
    const signal = AbortSignal.timeout(ASK_EVERY * 2);
    return (await answerOf(await fetch('/api/sensor', { headers: { authorization: `Bearer ${token}` }, signal }))) as SensorView;
  }

  #follow(view: SensorView): void {
    const { broadcast, choice } = this.#options;
    const { source, sensing } = view;
    this.#view.value = view;
    this.#reached.value = true;
    if (broadcast.target.peek() === null) broadcast.aim({ source: source.id, choice });
    broadcast.heard(source, sensing);
  }

  /** A hub that does not answer may come back; a token that it does not know will not. */
  #missed(error: unknown): void {
    if (!(error instanceof ApiError) || error.code === NO_ANSWER || error.status >= 500) {
      this.#reached.value = false;
      return;
    }
    this.#timer?.cancel();
    this.#timer = null;
    this.#options.broadcast.refuse({ code: error.code, params: error.params });
  }
}
