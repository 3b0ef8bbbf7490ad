/** Clips that are remembered: what is older fades. */
const MEMORY_CLIPS = 60;

export interface Prior {
  /** Undefined where nothing can be said beforehand: the first value then stands for it. */
  mean?: number;
  deviation: number;
  /** Clips that the prior weighs as much as. */
  clips: number;
}

/** What is ordinary for one number: its running mean and deviation, from a prior that fades as values come in. */
export class Running {
  readonly #prior: number;
  #count = 0;
  #mean: number | undefined;
  #variance: number;

  constructor(prior: Prior) {
    this.#prior = prior.clips;
    this.#mean = prior.mean;
    this.#variance = prior.deviation ** 2;
  }

  /** How far it is learned: 0 before any value, towards 1. */
  get trust(): number {
    return this.#count / (this.#count + this.#prior);
  }

  /** How far a value lies above the mean. 0 while nothing is known. */
  above(value: number): number {
    return value - (this.#mean ?? value);
  }

  /** The same in deviations. */
  deviationsAbove(value: number): number {
    return this.above(value) / Math.sqrt(this.#variance);
  }

  learn(value: number): void {
    const difference = this.above(value);
    this.#count = Math.min(MEMORY_CLIPS, this.#count + 1);
    const share = 1 / (this.#prior + this.#count);
    this.#mean = (this.#mean ?? value) + share * difference;
    this.#variance = (1 - share) * (this.#variance + share * difference ** 2);
  }
}
