import type { StressTerm, StressTermName } from './mood.ts';

/** How far from the origin strong displeasure and strong arousal lie (see COORDINATES): there a term counts in full. */
const FULL_SCALE = 0.6;

/** What each term counts where all of them are read with full weight. Our own choice; docs/fusion.md says why. */
export const STRESS_WEIGHTS: Readonly<Record<StressTermName, number>> = {
  arousal: 0.25,
  displeasure: 0.25,
  voice: 0.2,
  words: 0.1,
  body: 0.2,
};

/** What is read of stress at a moment. What is undefined nobody read. */
export interface StressReading {
  /** -1..1 */
  valence: number;
  /** -1..1 */
  arousal: number;
  /** 0..1, each with its weight relative to the strongest source of the room, 0..1. */
  voice?: { value: number; weight: number } | undefined;
  words?: { value: number; weight: number } | undefined;
  body?: { value: number; weight: number } | undefined;
}

/**
 * The terms of stress: displeasure, arousal as far as it is not joy, and what voice, words and body say. What is not read has no
 * weight, it does not count as zero. A convention of ours, after the place of stress on the circumplex (unpleasant and
 * activated, Russell 1980); no diagnosis.
 */
export function stressTerms({ valence, arousal, ...read }: StressReading): StressTerm[] {
  const pleasure = unit(valence / FULL_SCALE);
  const terms: StressTerm[] = [
    { term: 'arousal', value: unit(arousal / FULL_SCALE) * (1 - pleasure), weight: STRESS_WEIGHTS.arousal },
    { term: 'displeasure', value: unit(-valence / FULL_SCALE), weight: STRESS_WEIGHTS.displeasure },
  ];
  for (const term of ['voice', 'words', 'body'] as const) {
    const said = read[term];
    if (said) terms.push({ term, value: unit(said.value), weight: STRESS_WEIGHTS[term] * said.weight });
  }
  let total = 0;
  for (const { weight } of terms) total += weight;
  for (const each of terms) each.weight /= total;
  return terms;
}

/** 0..100: the weighted mean of the terms. */
export const stressOf = (terms: readonly StressTerm[]): number => 100 * terms.reduce((sum, { value, weight }) => sum + value * weight, 0);

/** Moves the terms that were there before toward their new values; one that is new begins with its value. */
export function followTerms(before: readonly StressTerm[], { to, share }: { to: readonly StressTerm[]; share: number }): StressTerm[] {
  return to.map((each) => {
    const { term, value, weight } = each;
    const old = before.find((other) => other.term === term);
    return old ? { term, value: old.value + share * (value - old.value), weight } : each;
  });
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
