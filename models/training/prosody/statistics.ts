import { PROSODY_FEATURES, type Prosody } from '../../../daemon/senses/perception/voice/prosody.ts';

export interface Row {
  x: readonly number[];
  y: number;
}

/** Means, feature by feature. */
export function centre(all: readonly Prosody[]): Prosody {
  const mean = (feature: keyof Prosody) => all.reduce((sum, each) => sum + each[feature], 0) / all.length;
  return Object.fromEntries(PROSODY_FEATURES.map((feature) => [feature, mean(feature)])) as unknown as Prosody;
}

/** Linear regression with a penalty on the squared weights, not on the bias, which is the first number of the result. */
export function ridge(rows: readonly Row[], penalty: number): number[] {
  const width = 1 + (rows[0]?.x.length ?? 0);
  const normal = Array.from({ length: width }, (_, i) => Array.from({ length: width + 1 }, (_, j) => (i === j && i > 0 ? penalty : 0)));
  for (const { x, y } of rows) {
    const extended = [1, ...x, y];
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= width; j++) at(normal, i)[j] = at(at(normal, i), j) + at(extended, i) * at(extended, j);
    }
  }
  return solve(normal);
}

/** Gauss-Jordan elimination of an augmented matrix, positive definite: no pivoting needed. */
function solve(matrix: number[][]): number[] {
  for (const [i, row] of matrix.entries()) {
    const pivot = at(row, i);
    for (let j = 0; j < row.length; j++) row[j] = at(row, j) / pivot;
    for (const [k, other] of matrix.entries()) {
      if (k === i) continue;
      const factor = at(other, i);
      for (let j = 0; j < row.length; j++) other[j] = at(other, j) - factor * at(row, j);
    }
  }
  return matrix.map((row) => at(row, row.length - 1));
}

/** Share of pairs in which the one that should be higher is: the area under the ROC curve. */
export function auc(high: readonly number[], low: readonly number[]): number {
  let right = 0;
  for (const a of high) for (const b of low) right += a > b ? 1 : a === b ? 0.5 : 0;
  return right / (high.length * low.length);
}

/** Pearson's r. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += (value - meanA) * (at(b, i) - meanB);
    aa += (value - meanA) ** 2;
    bb += (at(b, i) - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}
