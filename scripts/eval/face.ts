import { EmotionNet, MAX_FACES } from '../../daemon/senses/perception/face/emotion-net.ts';
import type { Frame } from '../../daemon/senses/perception/frame.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Figure, median } from '../bench/report.ts';
import { calibrationError, type Distribution, fitTemperature, reliability, tempered } from './calibration.ts';
import { accuracyOf, argmax, confusionOf, macroF1, mean, scoresOf } from './classes.ts';
import type { Evaluation, Options } from './evaluation.ts';
import { isModelOf, openModel } from './models.ts';
import { bytesOf, readNpz } from './npz.ts';
import { confusionPlot, reliabilityPlot } from './plots.ts';
import { confusionTable, reliabilityTable, scoreTable, share } from './tables.ts';

/** FER+ columns that are classes; after them come "unknown" and "not a face". */
const CLASSES = ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'];
const SIDE = 48;
const PIXELS = SIDE * SIDE;
/** These pictures show this much more than the detector's box (models/own_fer_48.md). */
const FACE = { left: SIDE * 0.5 * (1 - 1 / 1.1), top: SIDE * 0.5 * (1 - 1 / 1.1), width: SIDE / 1.1, height: SIDE / 1.1 };
const BASELINE = 'own-fer-48-int8';

interface Faces {
  /** Grey 48x48 pictures, one after the other. */
  pixels: Uint8Array;
  /** Index of the class with most votes; the first of equals. */
  truth: number[];
}

/** The facial-emotion network on FER+ valid: x [n, 48, 48] uint8, v [n, 10] votes. */
export const face: Evaluation = {
  async run(options) {
    if (options.model !== undefined && !(await isModelOf('face-emotion', options.model))) return [];
    const faces = readFaces(options.data ?? shared('datasets/ferplus/valid.npz'));
    if (options.model === undefined) await printBaseline(faces, options);
    return measure(faces, options);
  },
};

function readFaces(file: string): Faces {
  const arrays = readNpz(file);
  const { data: pictures } = bytesOf(arrays, 'x');
  const { data: votes, shape } = bytesOf(arrays, 'v');
  const [rows = 0, columns = 0] = shape;
  const majority = Array.from({ length: rows }, (_, row) => argmax(votes.subarray(row * columns, (row + 1) * columns)));
  const known = majority.flatMap((vote, row) => (vote < CLASSES.length ? [row] : []));
  const pixels = new Uint8Array(known.length * PIXELS);
  for (const [i, row] of known.entries()) pixels.set(pictures.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
  return { pixels, truth: known.map((row) => majority[row] as number) };
}

interface Reading {
  id: string;
  /** Class probabilities in the order of CLASSES. */
  distributions: Distribution[];
  /** Median ms of one face by itself. */
  latency: number;
}

async function read(faces: Faces, model: string | undefined, progress: Options['progress']): Promise<Reading> {
  const { entry, session } = await openModel('face-emotion', model);
  const order = CLASSES.map((name) => entry.labels.indexOf(name));
  const net = new EmotionNet(session, entry);
  const distributions: Distribution[] = [];
  for (let first = 0; first < faces.truth.length; first += MAX_FACES) {
    progress(`${entry.id}, ${first} of ${faces.truth.length} faces`);
    const count = Math.min(MAX_FACES, faces.truth.length - first);
    for (let i = 0; i < count; i++) net.put(i, frameOf(faces, first + i), { box: FACE });
    for (const classes of await net.classes(count)) distributions.push(order.map((column) => classes[column] ?? 0));
  }
  const latency = await latencyOf(net);
  await session.release();
  progress('');
  return { id: entry.id, distributions, latency };
}

/** The picture as a frame of its own. */
function frameOf({ pixels }: Faces, index: number): Frame {
  const grey = pixels.subarray(index * PIXELS, (index + 1) * PIXELS);
  const data = new Uint8Array(3 * PIXELS);
  for (let plane = 0; plane < 3; plane++) data.set(grey, plane * PIXELS);
  return { data, width: SIDE, height: SIDE, at: 0 };
}

async function latencyOf(net: EmotionNet): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const began = performance.now();
    await net.classes(1);
    times.push(performance.now() - began);
  }
  return median(times.slice(50));
}

interface Judged {
  accuracy: number;
  sadnessRecall: number;
  macro: number;
  temperature: number;
  ece: number;
  eceAsIs: number;
}

/** The temperature is fitted on even rows, the calibration error taken on odd ones. */
function judge({ distributions }: Reading, truth: number[]): Judged {
  const confusion = confusionOf(truth, distributions.map(argmax), CLASSES.length);
  const scores = scoresOf(confusion);
  const half = <T>(rows: readonly T[], odd: number): T[] => rows.filter((_, i) => i % 2 === odd);
  const temperature = fitTemperature(half(distributions, 0), half(truth, 0));
  const odd = half(distributions, 1).map((sample) => tempered(sample, temperature));
  return {
    accuracy: accuracyOf(confusion),
    sadnessRecall: scores[CLASSES.indexOf('sadness')]?.recall ?? 0,
    macro: macroF1(scores),
    temperature,
    ece: calibrationError(reliability(odd, half(truth, 1))),
    eceAsIs: calibrationError(reliability(distributions, truth)),
  };
}

const summary = (id: string, judged: Judged, latency: number): string =>
  `${id}: accuracy ${share(judged.accuracy)}, macro-F1 ${share(judged.macro)}, sadness recall ${share(judged.sadnessRecall)}, ` +
  `calibration error ${share(judged.eceAsIs)} as it is, ${share(judged.ece)} at temperature ${judged.temperature.toFixed(2)}, ${latency.toFixed(2)} ms a face`;

async function printBaseline(faces: Faces, { progress }: Options): Promise<void> {
  if (!(await isModelOf('face-emotion', BASELINE))) return;
  const reading = await read(faces, BASELINE, progress);
  console.log(`\nbaseline ${summary(reading.id, judge(reading, faces.truth), reading.latency)}`);
}

async function measure(faces: Faces, { progress, model, plot }: Options): Promise<Figure[]> {
  const { truth } = faces;
  const reading = await read(faces, model, progress);
  const judged = judge(reading, truth);
  const confusion = confusionOf(truth, reading.distributions.map(argmax), CLASSES.length);
  const bins = reliability(reading.distributions, truth);
  const confidence = mean(reading.distributions.map((sample) => Math.max(...sample)));
  console.log(`\n${summary(reading.id, judged, reading.latency)}; mean confidence ${share(confidence)}; ${truth.length} faces\n`);
  console.log(`${scoreTable(CLASSES, scoresOf(confusion))}\n\n${confusionTable(CLASSES, confusion)}\n\n${reliabilityTable(bins)}`);
  plot('face-confusion', confusionPlot('FER+ valid: named, in % of what is true', CLASSES, confusion));
  plot('face-reliability', reliabilityPlot('FER+ valid: right answers by confidence', bins));

  const n = truth.length;
  const where = `${reading.id} on FER+ valid, majority vote over 8 classes, unknown and not-a-face majorities dropped`;
  return [
    {
      name: 'face.accuracy',
      value: judged.accuracy,
      unit: '',
      target: 0.83,
      better: 'higher',
      n,
      definition: `share named right; ${where}`,
    },
    {
      name: 'face.sadness_recall',
      value: judged.sadnessRecall,
      unit: '',
      target: 0.7,
      better: 'higher',
      n: truth.filter((c) => c === CLASSES.indexOf('sadness')).length,
      definition: `share of sad faces named sad; ${where}`,
    },
    {
      name: 'face.ece',
      value: judged.ece,
      unit: '',
      target: 0.05,
      better: 'lower',
      n: Math.floor(n / 2),
      definition: `expected calibration error in 15 equal bins, temperature fitted on even rows, error on odd; ${where}`,
    },
  ];
}
