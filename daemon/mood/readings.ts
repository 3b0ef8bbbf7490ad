import { type Distribution, toDistribution } from './distribution.ts';
import type { Probabilities } from './emotion.ts';
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
  switch (observation.modality) {
    case 'face': {
      const { probabilities, affect } = observation;
      return reading(observation, { probabilities, valence: affect?.valence, arousal: affect?.arousal });
    }
    case 'text': {
      const { probabilities, sentiment } = observation;
      return reading(observation, { probabilities, valence: sentiment });
    }
    case 'body':
      return reading(observation, { arousal: observation.arousal, strain: observation.stress });
    case 'voice': {
      const { speech, probabilities, affect, vocalStress } = observation;
      if (!speech || !(probabilities || affect || vocalStress !== undefined)) return undefined;
      return reading(observation, { probabilities, valence: affect?.valence, arousal: affect?.arousal, strain: vocalStress });
    }
    case 'presence':
      return undefined;
  }
}

interface Told {
  probabilities?: Probabilities | undefined;
  valence?: number | undefined;
  arousal?: number | undefined;
  strain?: number | undefined;
}

/** All of one shape: thousands are made every second. */
function reading({ at, confidence, quality }: Observation, { probabilities, valence, arousal, strain }: Told): Reading {
  return { at, confidence, quality, categories: probabilities && toDistribution(probabilities), valence, arousal, strain };
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
  add({ at, confidence, quality, categories, valence, arousal, strain }: Reading, keep: number): void {
    const weight = confidence * quality;
    const how = { weight, keep };
    this.#at = at;
    this.#worth.add([weight, quality, confidence], { weight: 1, keep });
    if (categories) this.#categories.add(categories, how);
    else this.#categories.skip(keep);
    take(this.#valence, valence, how);
    take(this.#arousal, arousal, how);
    take(this.#strain, strain, how);
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

function take(mean: RunningMean, value: number | undefined, how: { weight: number; keep: number }): void {
  if (value === undefined) mean.skip(how.keep);
  else mean.add([value], how);
}
