import { argmax, mean, sum } from './classes.ts';

/** Class probabilities of one sample; together 1. */
export type Distribution = readonly number[];

export interface Bin {
  /** Confidences in this bin lie between these, 0..1. */
  from: number;
  to: number;
  n: number;
  /** Mean of the highest probabilities. */
  confidence: number;
  /** Share of them that were right. */
  accuracy: number;
}

/** Samples by their highest probability, in bins of equal width. */
export function reliability(samples: readonly Distribution[], truth: readonly number[], bins = 15): Bin[] {
  const confidences: number[][] = Array.from({ length: bins }, () => []);
  const hits: number[][] = Array.from({ length: bins }, () => []);
  for (const [i, sample] of samples.entries()) {
    const named = argmax(sample);
    const confidence = sample[named] ?? 0;
    const bin = Math.min(bins - 1, Math.floor(confidence * bins));
    confidences[bin]?.push(confidence);
    hits[bin]?.push(named === truth[i] ? 1 : 0);
  }
  return confidences.map((inBin, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    n: inBin.length,
    confidence: inBin.length ? mean(inBin) : 0,
    accuracy: inBin.length ? mean(hits[bin] ?? []) : 0,
  }));
}

/** Expected calibration error (Guo et al. 2017, "On calibration of modern neural networks", equation 3). */
export function calibrationError(bins: readonly Bin[]): number {
  const n = sum(bins.map((bin) => bin.n));
  return sum(bins.map((bin) => (bin.n / n) * Math.abs(bin.accuracy - bin.confidence)));
}

/** The distribution at another temperature: above 1 flatter, below 1 sharper. */
export function tempered(sample: Distribution, temperature: number): number[] {
  const powers = sample.map((p) => Math.max(p, 1e-12) ** (1 / temperature));
  const total = sum(powers);
  return powers.map((p) => p / total);
}

/** The temperature of least negative log likelihood (Guo et al. 2017, section 4.2), by golden-section search. */
export function fitTemperature(samples: readonly Distribution[], truth: readonly number[]): number {
  const loss = (logTemperature: number): number =>
    mean(samples.map((sample, i) => -Math.log(Math.max(tempered(sample, Math.exp(logTemperature))[truth[i] ?? 0] ?? 0, 1e-12))));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.2), Math.log(5)];
  while (high - low > 1e-3) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
