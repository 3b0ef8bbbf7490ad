/** Counts of true class by named class: `confusion[truth][named]`. */
export type Confusion = number[][];

export function confusionOf(truth: readonly number[], named: readonly number[], classes: number): Confusion {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [i, t] of truth.entries()) {
    const row = confusion[t];
    const guess = named[i];
    if (row && guess !== undefined) row[guess] = (row[guess] ?? 0) + 1;
  }
  return confusion;
}

export interface ClassScore {
  precision: number;
  recall: number;
  f1: number;
  /** Samples that truly are of this class. */
  n: number;
}

export interface Tally {
  hits: number;
  /** Samples that truly are of the class. */
  truth: number;
  /** Samples that were named so. */
  named: number;
}

/** Precision, recall and F1; each 0 where it has no denominator. */
export function scoreOf({ hits, truth, named }: Tally): ClassScore {
  return {
    precision: named === 0 ? 0 : hits / named,
    recall: truth === 0 ? 0 : hits / truth,
    f1: truth + named === 0 ? 0 : (2 * hits) / (truth + named),
    n: truth,
  };
}

export function scoresOf(confusion: Confusion): ClassScore[] {
  return confusion.map((row, c) => scoreOf({ hits: row[c] ?? 0, truth: sum(row), named: sum(confusion.map((each) => each[c] ?? 0)) }));
}

export function accuracyOf(confusion: Confusion): number {
  return sum(confusion.map((row, c) => row[c] ?? 0)) / sum(confusion.map(sum));
}

export const macroF1 = (scores: readonly ClassScore[]): number => mean(scores.map(({ f1 }) => f1));

/** Index of the greatest value; the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

export const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
export const mean = (values: readonly number[]): number => sum(values) / values.length;
