import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** One figure. Every bench and every evaluation keeps this form. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  target: number;
  better: 'lower' | 'higher';
  /** How many samples, frames or repeats stand behind it. */
  n: number;
  definition: string;
  /** Least and greatest of the repeats whose median `value` is. */
  spread?: [number, number];
}

export interface Run {
  /** Says how far it is; each call overwrites the last. */
  progress(text: string): void;
  /** Fewer samples: to try a benchmark out, not to quote it. */
  quick: boolean;
}

export interface Benchmark {
  run(options: Run): Promise<Figure[]>;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of repeats and how far they lay apart. */
export function overRepeats(repeats: readonly number[]): { value: number; spread: [number, number] } {
  return { value: median(repeats), spread: [Math.min(...repeats), Math.max(...repeats)] };
}

export function printTable(figures: Figure[]): void {
  console.log(
    `\n${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
  );
  const rows = figures.map((figure) => [
    figure.name,
    round(figure.value),
    figure.spread ? `${round(figure.spread[0])}–${round(figure.spread[1])}` : '',
    figure.unit,
    `${figure.better === 'lower' ? '≤' : '≥'} ${figure.target}`,
    meets(figure) ? 'met' : 'MISSED',
    String(figure.n),
  ]);
  const head = ['figure', 'median', 'spread', 'unit', 'target', '', 'n'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

export function writeJson(file: string, figures: Figure[]): void {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

const meets = (figure: Figure): boolean => (figure.better === 'lower' ? figure.value <= figure.target : figure.value >= figure.target);

const round = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
