import { EventEmitter } from 'node:events';
import type { Clock, Timer } from '../api/clock.ts';
import type { Observation } from '../mood/observation.ts';

export const DEMO_SOURCE = 'demo';

const PAUSE_BETWEEN_ROUNDS = 2000;

/** Replays recorded observations into one room, over and over, as if they were made now. Numbers only: no picture, no sound. */
export class Demo {
  readonly events = new EventEmitter<{ observation: [Observation] }>();
  readonly #clock: Clock;
  readonly #recording: readonly Observation[];
  #room: string | null = null;
  #timer: Timer | undefined;
  #count = 0;

  constructor(options: { clock: Clock; recording: readonly Observation[] }) {
    this.#clock = options.clock;
    // Written down as they arrived, which for several sources is not quite the order in which they were made.
    this.#recording = options.recording.toSorted((a, b) => a.at - b.at);
  }

  get room(): string | null {
    return this.#room;
  }

  /** Null: stop. */
  playIn(room: string | null): void {
    if (room === this.#room) return;
    this.#room = room;
    this.#timer?.cancel();
    if (room !== null) this.#playFrom(0);
  }

  close(): void {
    this.playIn(null);
  }

  #playFrom(index: number): void {
    const observation = this.#recording[index];
    if (!observation || this.#room === null) return;
    const at = this.#clock.mono();
    this.events.emit('observation', { ...observation, id: `${DEMO_SOURCE}#${++this.#count}`, room: this.#room, source: DEMO_SOURCE, at });
    const next = this.#recording[index + 1];
    this.#timer = this.#clock.after(next ? next.at - observation.at : PAUSE_BETWEEN_ROUNDS, () => this.#playFrom(next ? index + 1 : 0));
  }
}
