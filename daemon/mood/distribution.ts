import { EMOTIONS, type Emotion, type Probabilities } from './emotion.ts';

/** Numbers, one for each emotion in the order of `EMOTIONS`: what is computed with. `Probabilities` are what is told. */
export type Distribution = number[];

const SIZE = EMOTIONS.length;

/** No opinion rules an emotion out: it would silence all others, since zero times anything is zero. */
const LEAST = 1e-4;

export const toDistribution = (p: Probabilities): Distribution => [
  p.neutral,
  p.happiness,
  p.sadness,
  p.anger,
  p.surprise,
  p.fear,
  p.disgust,
];

export function toProbabilities(distribution: Distribution): Probabilities {
  const [neutral, happiness, sadness, anger, surprise, fear, disgust] = distribution as unknown as Tuple;
  return { neutral, happiness, sadness, anger, surprise, fear, disgust };
}

type Tuple = [number, number, number, number, number, number, number];

/** Scales in place, so that all add up to 1. At least one must be positive. */
export function normalize(distribution: Distribution): Distribution {
  let total = 0;
  for (let i = 0; i < SIZE; i++) total += distribution[i] as number;
  for (let i = 0; i < SIZE; i++) distribution[i] = (distribution[i] as number) / total;
  return distribution;
}

/** What is left of an opinion that is right with probability `trust`, 0..1, and otherwise says nothing (Shafer's discounting). */
export function discount(opinion: Distribution, trust: number): Distribution {
  const left: Distribution = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < SIZE; i++) left[i] = trust * (opinion[i] as number) + (1 - trust) / SIZE;
  return left;
}

export function logOf(opinion: Distribution): Distribution {
  const log: Distribution = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < SIZE; i++) log[i] = Math.log(Math.max(LEAST, opinion[i] as number));
  return log;
}

/**
 * Logarithmic opinion pool: the product of the opinions, each to the power of its exponent, normalized (Genest & Zidek 1986,
 * "Combining probability distributions", Statistical Science 1(1), 114-135). Exponents that add up to 1 make it the weighted
 * geometric mean; it then leaves what all agree on as it is.
 * @param opinions logarithms, with exponents that are not negative
 */
export function pool(opinions: readonly { log: Distribution; exponent: number }[]): Distribution {
  const sums: Distribution = [0, 0, 0, 0, 0, 0, 0];
  for (const { log, exponent } of opinions) for (let i = 0; i < SIZE; i++) sums[i] = (sums[i] as number) + exponent * (log[i] as number);
  let highest = sums[0] as number;
  for (let i = 1; i < SIZE; i++) highest = Math.max(highest, sums[i] as number);
  for (let i = 0; i < SIZE; i++) sums[i] = Math.exp((sums[i] as number) - highest);
  return normalize(sums);
}

/** Of equals the first in the order of `EMOTIONS`. */
export function strongestOf(distribution: Distribution): Emotion {
  let best = 0;
  for (let i = 1; i < SIZE; i++) if ((distribution[i] as number) > (distribution[best] as number)) best = i;
  return EMOTIONS[best] as Emotion;
}

export const probabilityOf = (distribution: Distribution, emotion: Emotion): number => distribution[EMOTIONS.indexOf(emotion)] as number;

/** In bits (Shannon 1948). */
export function entropy(distribution: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < distribution.length; i++) {
    const each = distribution[i] as number;
    if (each > 0) sum -= each * Math.log2(each);
  }
  return sum;
}
