import { fromWeights } from './affect.ts';
import { EMOTIONS, type Emotion, type Probabilities } from './emotion.ts';

export interface Opinion {
  probabilities: Probabilities;
  /** Not negative; only the ratios matter. */
  weight: number;
}

/** An opinion that rules an emotion out would silence all others (zero times anything is zero). */
const LEAST_PROBABILITY = 1e-4;

/**
 * Logarithmic opinion pool: the weighted geometric mean of the opinions, normalized. With weights that add up to 1, what
 * all agree on stays as it is, and it makes no difference whether evidence that concerns all of them is taken in before
 * or after pooling (Genest & Zidek 1986, "Combining probability distributions", Statistical Science 1(1), 114-135).
 * At least one weight must be positive.
 */
export function logPool(opinions: readonly Opinion[]): Probabilities {
  const total = opinions.reduce((sum, each) => sum + each.weight, 0);
  return fromWeights((emotion) => {
    let log = 0;
    for (const { probabilities, weight } of opinions) {
      log += (weight / total) * Math.log(Math.max(LEAST_PROBABILITY, probabilities[emotion]));
    }
    return Math.exp(log);
  });
}

/** The weighted arithmetic mean: for several people, who may well feel differently. At least one weight must be positive. */
export function mixture(opinions: readonly Opinion[]): Probabilities {
  return fromWeights((emotion) => opinions.reduce((sum, each) => sum + each.weight * each.probabilities[emotion], 0));
}

/** Moves `from` toward `to` by `share`, 0..1. */
export const blend = (from: Probabilities, to: Probabilities, share: number): Probabilities =>
  Object.fromEntries(EMOTIONS.map((emotion) => [emotion, from[emotion] + share * (to[emotion] - from[emotion])])) as Record<
    Emotion,
    number
  >;
