import type { Figure } from '../bench/report.ts';

export interface Options {
  /** Says how far it is; each call overwrites the last. */
  progress(text: string): void;
  /** Id of a model of the manifest, in place of the one that ships. */
  model?: string;
  /** A file with other data, in the form of the validation set. */
  data?: string;
  /** Fewer samples: to try an evaluation out, not to quote it. */
  quick?: boolean;
  /** Writes a plot into docs/; a no-op unless plots were asked for. */
  plot(name: string, svg: string): void;
}

export interface Evaluation {
  /** Prints its tables, and gives the figures that have a target. */
  run(options: Options): Promise<Figure[]>;
}
