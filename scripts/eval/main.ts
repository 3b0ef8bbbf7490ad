/**
 * npm run eval [-- --only PREFIX] [--json FILE] [--model ID --data FILE] [--plots] [--quick]
 *
 * What the models get right, through the program's own code, on the validation sets beside the checkout. --model takes any
 * model of the manifest in place of the one that ships, --data any file in the form of the validation set; --plots writes
 * the plots of docs/accuracy.md again; --quick lives fewer days of the simulated home.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, printTable, writeJson } from '../bench/report.ts';
import { evaluations } from './registry.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    model: { type: 'string' },
    data: { type: 'string' },
    plots: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});

const PLOTS = join(import.meta.dirname, '../../docs/accuracy');

function plot(name: string, svg: string): void {
  if (!values.plots) return;
  mkdirSync(PLOTS, { recursive: true });
  writeFileSync(join(PLOTS, `${name}.svg`), svg);
}

/** ms between two words on how far it has come, where nobody watches a terminal. */
const SELDOM = 20_000;

const figures: Figure[] = [];
for (const [name, load] of Object.entries(evaluations)) {
  if (!name.startsWith(values.only) && !values.only.startsWith(`${name}.`)) continue;
  let toldAt = Number.NEGATIVE_INFINITY;
  const progress = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(text === '' ? '\r\x1b[K' : `\r\x1b[K${name}: ${text}`);
    else if (text !== '' && performance.now() - toldAt >= SELDOM) {
      toldAt = performance.now();
      process.stderr.write(`${name}: ${text}\n`);
    }
  };
  const measured = await (await load()).run({ progress, plot, model: values.model, data: values.data, quick: values.quick });
  figures.push(...measured.filter((figure) => figure.name.startsWith(values.only)));
  progress('');
}
printTable(figures);
if (values.json) writeJson(values.json, figures);
