import type { Affect } from './emotion.ts';
import type { Evidence } from './evidence.ts';

/** How far from the origin the terms of strong displeasure and strong arousal lie (see COORDINATES): there a part counts in full. */
const FULL_SCALE = 0.6;

const WEIGHTS = { displeasure: 0.5, tension: 0.3, strain: 0.4 };

/**
 * Stress 0..100: the weighted mean of displeasure, tension (arousal that is not joy) and, where a source reads it, strain
 * of voice or body. What is not read leaves the mean, it does not count as zero. A convention of ours, after the place
 * of stress on the circumplex (unpleasant and activated, Russell 1980); no diagnosis.
 */
export function stressOf({ valence, arousal }: Affect, evidence: readonly Evidence[]): number {
  const displeasure = unit(-valence / FULL_SCALE);
  const tension = unit(arousal / FULL_SCALE) * (1 - unit(valence / FULL_SCALE));
  const terms = [
    { value: displeasure, weight: WEIGHTS.displeasure },
    { value: tension, weight: WEIGHTS.tension },
  ];
  const strained = evidence.flatMap(({ strain, weight }) => (strain === undefined ? [] : [{ value: strain, weight }]));
  if (strained.length > 0) {
    const freshest = Math.max(...strained.map((each) => each.weight));
    terms.push({ value: mean(strained), weight: WEIGHTS.strain * freshest });
  }
  return 100 * mean(terms);
}

function mean(terms: readonly { value: number; weight: number }[]): number {
  const total = terms.reduce((sum, each) => sum + each.weight, 0);
  return terms.reduce((sum, each) => sum + each.value * each.weight, 0) / total;
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
