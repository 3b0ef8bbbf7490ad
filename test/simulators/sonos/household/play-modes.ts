import type { Random } from '../../hue/random.ts';

/** As Sonos names them; `SHUFFLE` is the one that repeats. */
const modes = {
  NORMAL: { shuffle: false, repeat: 'none' },
  REPEAT_ALL: { shuffle: false, repeat: 'all' },
  REPEAT_ONE: { shuffle: false, repeat: 'one' },
  SHUFFLE_NOREPEAT: { shuffle: true, repeat: 'none' },
  SHUFFLE: { shuffle: true, repeat: 'all' },
  SHUFFLE_REPEAT_ONE: { shuffle: true, repeat: 'one' },
} as const;

export type PlayMode = keyof typeof modes;

export const isPlayMode = (name: string): name is PlayMode => Object.hasOwn(modes, name);

/** The order in which a queue plays: its own, or one drawn by chance when shuffle began, the current track first. */
export class PlayOrder {
  readonly #random: Random;
  #mode: PlayMode = 'NORMAL';
  #order: number[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get mode(): PlayMode {
    return this.#mode;
  }

  /** To be called when the mode, the queue or where it begins has changed. */
  arrange(mode: PlayMode, { length, current }: { length: number; current: number }): void {
    this.#mode = mode;
    this.#order = Array.from({ length }, (_, index) => index);
    if (!modes[mode].shuffle) return;
    const rest = this.#order.filter((index) => index !== current);
    for (let last = rest.length - 1; last > 0; last -= 1) {
      const other = Math.floor(this.#random() * (last + 1));
      [rest[last], rest[other]] = [rest[other] as number, rest[last] as number];
    }
    this.#order = length > current ? [current, ...rest] : rest;
  }

  /** The track that follows by itself; undefined where the music ends. */
  following(current: number): number | undefined {
    return modes[this.#mode].repeat === 'one' ? current : this.skip(current, 1);
  }

  /** The track that a person skips to, `by` 1 or -1; undefined where there is none. */
  skip(current: number, by: 1 | -1): number | undefined {
    const next = this.#order[this.#order.indexOf(current) + by];
    if (next !== undefined || modes[this.#mode].repeat === 'none') return next;
    return by === 1 ? this.#order[0] : this.#order.at(-1);
  }
}
