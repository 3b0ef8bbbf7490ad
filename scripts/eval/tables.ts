import type { Bin } from './calibration.ts';
import type { ClassScore, Confusion } from './classes.ts';

/** Rows of cells as lines, the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

export const share = (value: number): string => value.toFixed(3);

export function scoreTable(labels: readonly string[], scores: readonly ClassScore[]): string {
  return table([
    ['', 'precision', 'recall', 'F1', 'n'],
    ...labels.map((label, c) => {
      const { precision, recall, f1, n } = scores[c] as ClassScore;
      return [label, share(precision), share(recall), share(f1), String(n)];
    }),
  ]);
}

/** Rows are what is true, columns what was named. */
export function confusionTable(labels: readonly string[], confusion: Confusion): string {
  return table([['true \\ named', ...labels], ...labels.map((label, c) => [label, ...(confusion[c] ?? []).map(String)])]);
}

export function reliabilityTable(bins: readonly Bin[]): string {
  const filled = bins.filter(({ n }) => n > 0);
  return table([
    ['confidence', 'mean', 'right', 'n'],
    ...filled.map(({ from, to, confidence, accuracy, n }) => [
      `${from.toFixed(2)}-${to.toFixed(2)}`,
      share(confidence),
      share(accuracy),
      String(n),
    ]),
  ]);
}
