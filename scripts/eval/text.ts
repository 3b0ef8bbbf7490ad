import { readFileSync } from 'node:fs';
import { EMOTIONS } from '../../daemon/mood/emotion.ts';
import { TextNet } from '../../daemon/senses/perception/text/net.ts';
import { TextReader } from '../../daemon/senses/perception/text/reader.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Figure, median, quantile } from '../bench/report.ts';
import { calibrationError, type Distribution, reliability } from './calibration.ts';
import { argmax, confusionOf, macroF1, mean, scoreOf, sum } from './classes.ts';
import type { Evaluation, Options } from './evaluation.ts';
import { isModelOf, openModel } from './models.ts';
import { confusionPlot, reliabilityPlot } from './plots.ts';
import { confusionTable, reliabilityTable, scoreTable, share } from './tables.ts';

/** Numbers of the Ekman grouping of GoEmotions, in the names of the program. */
const GROUPS = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'] as const;

interface Messages {
  texts: string[];
  /** Whether each emotion, in the order of EMOTIONS, is among the message's labels. */
  truth: boolean[][];
}

/** The text-emotion network on GoEmotions dev: text, labels of the Ekman grouping, id; separated by tabs. */
export const text: Evaluation = {
  async run(options) {
    if (options.model !== undefined && !(await isModelOf('text-emotion', options.model))) return [];
    return measure(readMessages(options.data ?? shared('datasets/goemotions/ekman/valid.tsv')), options);
  },
};

function readMessages(file: string): Messages {
  const rows = readFileSync(file, 'utf8').split('\n').slice(1);
  const messages: Messages = { texts: [], truth: [] };
  for (const row of rows) {
    const [message, labels, id] = row.split('\t');
    if (message === undefined || labels === undefined || id === undefined) continue;
    const named = labels.split(',').map((label) => GROUPS[Number(label)]);
    messages.texts.push(message);
    messages.truth.push(EMOTIONS.map((emotion) => named.includes(emotion)));
  }
  return messages;
}

interface Reading {
  id: string;
  named: boolean[][];
  distributions: Distribution[];
  /** Ms per message, from the text to what it shows. */
  times: number[];
}

async function read(texts: readonly string[], { model, progress }: Options): Promise<Reading> {
  const { entry, session } = await openModel('text-emotion', model);
  const net = await TextNet.open(session);
  const reader = await TextReader.open(session, entry.labels);
  const order = EMOTIONS.map((emotion) => entry.labels.indexOf(emotion));
  const reading: Reading = { id: entry.id, named: [], distributions: [], times: [] };
  for (const [i, message] of texts.entries()) {
    if (i % 256 === 0) progress(`${entry.id}, ${i} of ${texts.length} messages`);
    const { named } = await net.classify(message);
    const began = performance.now();
    const { probabilities } = await reader.read(message);
    reading.times.push(performance.now() - began);
    reading.named.push(order.map((column) => named[column] ?? false));
    reading.distributions.push(EMOTIONS.map((emotion) => probabilities[emotion]));
  }
  await session.release();
  progress('');
  return reading;
}

async function measure({ texts, truth }: Messages, options: Options): Promise<Figure[]> {
  const reading = await read(texts, options);
  const scores = EMOTIONS.map((_, c) =>
    scoreOf({
      hits: truth.filter((row, i) => row[c] && reading.named[i]?.[c]).length,
      truth: truth.filter((row) => row[c]).length,
      named: reading.named.filter((row) => row[c]).length,
    }),
  );
  const exact = mean(truth.map((row, i) => (row.every((each, c) => each === reading.named[i]?.[c]) ? 1 : 0)));
  const top = mean(truth.map((row, i) => (row[argmax(reading.distributions[i] ?? [])] ? 1 : 0)));
  console.log(
    `\n${reading.id}: macro-F1 ${share(macroF1(scores))}, all labels right ${share(exact)}, the likeliest is a label ${share(top)}; ` +
      `${median(reading.times).toFixed(2)} ms a message, p95 ${quantile(reading.times, 0.95).toFixed(2)} ms; ${texts.length} messages\n`,
  );
  console.log(scoreTable(EMOTIONS, scores));
  printSingle(truth, reading, options);
  return [
    {
      name: 'text.macro_f1',
      value: macroF1(scores),
      unit: '',
      target: 0.6,
      better: 'higher',
      n: texts.length,
      definition: `mean F1 of seven emotions, multi-label, ${reading.id} on GoEmotions dev in its Ekman grouping with neutral; thresholds in the model, from train alone`,
    },
  ];
}

/** Confusion and calibration need one truth: they are of the messages with one label. */
function printSingle(truth: readonly boolean[][], { distributions }: Reading, { plot }: Options): void {
  const single = truth.flatMap((row, i) => (sum(row.map(Number)) === 1 ? [i] : []));
  const labels = single.map((i) => truth[i]?.indexOf(true) ?? 0);
  const ofSingle = single.map((i) => distributions[i] ?? []);
  const confusion = confusionOf(labels, ofSingle.map(argmax), EMOTIONS.length);
  const bins = reliability(ofSingle, labels);
  console.log(
    `\n${single.length} messages with one label, by their likeliest emotion; calibration error ${share(calibrationError(bins))}\n`,
  );
  console.log(`${confusionTable(EMOTIONS, confusion)}\n\n${reliabilityTable(bins)}`);
  plot('text-confusion', confusionPlot('GoEmotions dev: named, in % of what is true', EMOTIONS, confusion));
  plot('text-reliability', reliabilityPlot('GoEmotions dev: right answers by confidence', bins));
}
