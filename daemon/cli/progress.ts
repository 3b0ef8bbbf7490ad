/** Of the bar, in characters. */
const WIDTH = 30;

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** How far a download is: a bar that redraws itself on a terminal, a line for every tenth elsewhere. */
export class ProgressLine {
  readonly #output: Output;
  readonly #name: string;
  readonly #total: number;
  /** Percent that were shown last; -1: nothing was. */
  #shown = -1;

  constructor({ output, name, total }: { output: Output; name: string; total: number }) {
    this.#output = output;
    this.#name = name;
    this.#total = total;
  }

  show(received: number): void {
    const step = this.#output.isTTY ? 1 : 10;
    const percent = Math.floor((100 * received) / this.#total / step) * step;
    if (percent === this.#shown) return;
    this.#shown = percent;
    this.#output.write(this.#output.isTTY ? `\r${this.#name} ${bar(percent)} ${percent} %\x1b[K` : `${this.#name}: ${percent} %\n`);
  }

  end(): void {
    if (this.#output.isTTY && this.#shown >= 0) this.#output.write('\n');
  }
}

function bar(percent: number): string {
  const full = Math.round((WIDTH * percent) / 100);
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}]`;
}
