import type { Almanac } from './almanac.ts';
import type { Day, DayWindow } from './daytime.ts';

const MINUTE = 60_000;

/**
 * What the almanac says of the minute that it is now. Asked thousands of times a second, it works once a minute. While the wall
 * clock is not set, it is no day and no time.
 */
export class Calendar {
  readonly #almanac: Almanac;
  readonly #within = new Map<DayWindow, boolean>();
  #minute = Number.NaN;
  #day: Day | null = null;
  #wall = 0;

  constructor(almanac: Almanac) {
    this.#almanac = almanac;
  }

  /** @returns whether another minute began */
  moveTo(wall: number): boolean {
    const minute = Math.floor(wall / MINUTE);
    if (minute === this.#minute) return false;
    this.#minute = minute;
    this.#wall = minute * MINUTE;
    this.#within.clear();
    this.#day = this.isSet ? this.#almanac.day(this.#wall) : null;
    return true;
  }

  get isSet(): boolean {
    return this.#almanac.isSet(this.#wall);
  }

  get almanac(): Almanac {
    return this.#almanac;
  }

  /** Start of the minute, epoch ms */
  get wall(): number {
    return this.#wall;
  }

  get day(): Day | null {
    return this.#day;
  }

  isWithin(window: DayWindow): boolean {
    const known = this.#within.get(window);
    if (known !== undefined) return known;
    const within = this.isSet && this.#almanac.isWithin(window, this.#wall);
    this.#within.set(window, within);
    return within;
  }
}
