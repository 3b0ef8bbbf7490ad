/** Draws from one seed: the same seed gives the same draws. */
export class Random {
  #state: number;

  /** @param seed any integer */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 up to, but not, 1. Mulberry32 (Tommy Ettinger, public domain). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  uniform([least, most]: readonly [least: number, most: number]): number {
    return least + this.unit() * (most - least);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** @param spread standard deviation of the logarithm */
  logNormal(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
    return median * Math.exp(spread * normal);
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.unit() * from.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  /** @param shares of each key, in any unit */
  weighted<K extends string>(shares: Readonly<Record<K, number>>): K {
    const entries = Object.entries(shares) as [K, number][];
    let left = this.unit() * entries.reduce((sum, [, share]) => sum + share, 0);
    for (const [key, share] of entries) {
      left -= share;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }
}
