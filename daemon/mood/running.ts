/** A weighted mean, of one number or of several in parallel, in which what came before counts less with each new value. */
export class RunningMean {
  readonly #sums: number[];
  #weight = 0;

  /** @param size how many numbers run in parallel */
  constructor(size = 1) {
    this.#sums = new Array<number>(size).fill(0);
  }

  /** @param keep 0..1: share that all before keeps */
  add(values: ArrayLike<number>, { weight, keep }: { weight: number; keep: number }): void {
    const sums = this.#sums;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) * keep + (values[i] as number) * weight;
    this.#weight = this.#weight * keep + weight;
  }

  /** Nothing came this time, and what came before counts less. */
  skip(keep: number): void {
    for (let i = 0; i < this.#sums.length; i++) this.#sums[i] = (this.#sums[i] as number) * keep;
    this.#weight *= keep;
  }

  /** How much stands behind it; while that is 0 there is no mean. */
  get weight(): number {
    return this.#weight;
  }

  get mean(): number {
    return (this.#sums[0] as number) / this.#weight;
  }

  get means(): number[] {
    const means = this.#sums.slice();
    for (let i = 0; i < means.length; i++) means[i] = (means[i] as number) / this.#weight;
    return means;
  }
}

/**
 * Share that what came before keeps with each new value, so that the mean age is that of a moving average over the last
 * `count` values, (count - 1) / 2.
 */
export const keepOf = (count: number): number => (count - 1) / (count + 1);
