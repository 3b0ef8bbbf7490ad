import { type Distribution, toDistribution } from './distribution.ts';
import type { Observation } from './observation.ts';
import { RunningMean } from './running.ts';

/** What an observation says of how somebody feels. What is undefined was not read. */
export interface Reading {
  /** ms of CLOCK_MONOTONIC */
  at: number;
  /** 0..1 */
  confidence: number;
  /** 0..1 */
  quality: number;
  categories: Distribution | undefined;
  /** -1..1 */
  valence: number | undefined;
  /** -1..1 */
  arousal: number | undefined;
  /** 0..1: strain of the voice, or stress of the body. */
  strain: number | undefined;
}

/** Undefined where it says nothing of that, as silence or mere presence. */
export function readingOf(observation: Observation): Reading | undefined {
  const { at, confidence, quality } = observation;
  const nothing = { at, confidence, quality, categories: undefined, valence: undefined, arousal: undefined, strain: undefined };
  switch (observation.modality) {
    case 'face':
      return { ...nothing, categories: toDistribution(observation.probabilities), ...observation.affect };
    case 'text':
      return { ...nothing, categories: toDistribution(observation.probabilities), valence: observation.sentiment };
    case 'body':
      return { ...nothing, arousal: observation.arousal, strain: observation.stress };
    case 'voice': {
      const { speech, probabilities, affect, vocalStress } = observation;
      if (!speech || !(probabilities || affect || vocalStress !== undefined)) return undefined;
      return { ...nothing, categories: probabilities && toDistribution(probabilities), ...affect, strain: vocalStress };
    }
    case 'presence':
      return undefined;
  }
}

/** What readings are worth. */
export interface Worth {
  /** 0..1 */
  weight: number;
  /** 0..1 */
  quality: number;
  /** 0..1 */
  confidence: number;
  /** At least 1, or 0 where there are none. */
  count: number;
}

/** What later readings have not repeated for so long that this share is left is no longer said. */
const FORGOTTEN = 0.005;

/** The readings of one face, or of one source, as one: means weighted by confidence x quality, in which earlier ones count less. */
export class Readings {
  #at = Number.NEGATIVE_INFINITY;
  readonly #worth = new RunningMean(3);
  readonly #categories = new RunningMean(7);
  readonly #valence = new RunningMean();
  readonly #arousal = new RunningMean();
  readonly #strain = new RunningMean();

  /** @param keep 0..1: share that earlier readings keep */
  add({ at, confidence, quality, ...said }: Reading, keep: number): void {
    const weight = confidence * quality;
    this.#at = at;
    this.#worth.add([weight, quality, confidence], { weight: 1, keep });
    take(this.#categories, said.categories, { weight, keep });
    take(this.#valence, wrapped(said.valence), { weight, keep });
    take(this.#arousal, wrapped(said.arousal), { weight, keep });
    take(this.#strain, wrapped(said.strain), { weight, keep });
  }

  /** Of the newest, ms of CLOCK_MONOTONIC. */
  get at(): number {
    return this.#at;
  }

  /** Means of confidence x quality and of both, and how many readings stand behind them, earlier ones counting less. */
  get worth(): Worth {
    const [weight, quality, confidence] = this.#worth.means as unknown as [number, number, number];
    return { weight, quality, confidence, count: this.#worth.weight };
  }

  get categories(): Distribution | undefined {
    return this.#says(this.#categories) ? this.#categories.means : undefined;
  }

  get valence(): number | undefined {
    return this.#says(this.#valence) ? this.#valence.mean : undefined;
  }

  get arousal(): number | undefined {
    return this.#says(this.#arousal) ? this.#arousal.mean : undefined;
  }

  get strain(): number | undefined {
    return this.#says(this.#strain) ? this.#strain.mean : undefined;
  }

  #says(mean: RunningMean): boolean {
    return mean.weight > FORGOTTEN * this.#worth.weight;
  }
}

function take(mean: RunningMean, values: ArrayLike<number> | undefined, how: { weight: number; keep: number }): void {
  if (values) mean.add(values, how);
  else mean.skip(how.keep);
}

const wrapped = (value: number | undefined): [number] | undefined => (value === undefined ? undefined : [value]);
