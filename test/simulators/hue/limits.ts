import type { SimulatorClock } from './clock.ts';

/** Lets `max` commands pass in any `window` milliseconds; what it refuses does not count. */
export class RateWindow {
  readonly #clock: SimulatorClock;
  readonly #max: number;
  readonly #window: number;
  #passedAt: number[] = [];

  constructor(clock: SimulatorClock, max: number, window = 1000) {
    this.#clock = clock;
    this.#max = max;
    this.#window = window;
  }

  pass(): boolean {
    const now = this.#clock.mono();
    this.#passedAt = this.#passedAt.filter((at) => now - at < this.#window);
    if (this.#passedAt.length >= this.#max) return false;
    this.#passedAt.push(now);
    return true;
  }
}

interface CommandLimitsOptions {
  clock: SimulatorClock;
  /** Commands a second to single lamps. */
  lights: number;
  /** Commands a second that go to many lamps at once: groups and the recall of scenes share them. */
  groups: number;
}

/** The radio behind the bridge: so many commands a second get through. */
export class CommandLimits {
  readonly #lights: RateWindow;
  readonly #groups: RateWindow;

  constructor({ clock, lights, groups }: CommandLimitsOptions) {
    this.#lights = new RateWindow(clock, lights);
    this.#groups = new RateWindow(clock, groups);
  }

  /** Whether a request is within them; one that sends nothing to lamps always is. */
  pass(method: string, path: string, text: string): boolean {
    if (method !== 'PUT') return true;
    const type = path.split('/')[4];
    if (type === 'light') return this.#lights.pass();
    const isRecall = type === 'scene' && text.includes('"recall"');
    return type === 'grouped_light' || isRecall ? this.#groups.pass() : true;
  }
}
