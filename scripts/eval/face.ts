import { existsSync, readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import { type EmotionModel, EmotionNet, MAX_FACES } from '../../daemon/senses/perception/face/emotion-net.ts';
import { openSession } from '../../daemon/senses/perception/session.ts';
import { shared } from '../../test/helpers/needs.ts';
import { type Figure, median } from '../bench/report.ts';
import { calibrationError, type Distribution, fitTemperature, reliability, tempered } from './calibration.ts';
import { accuracyOf, argmax, confusionOf, macroF1, mean, scoresOf } from './classes.ts';
import type { Evaluation, Options } from './evaluation.ts';
import { CLASSES, FACE, type Faces, frameOf, readFaces } from './fer.ts';
import { isModelOf, openModel } from './models.ts';
import { confusionPlot, reliabilityPlot } from './plots.ts';
import { confusionTable, reliabilityTable, scoreTable, share } from './tables.ts';

/** The network of the first study: beside the checkout, and not distributed. */
const BASELINE = { id: 'own-fer-48-int8', file: 'models/own_fer_48_int8qdq.onnx', labels: CLASSES };

/** The facial-emotion network on FER+ valid: x [n, 48, 48] uint8, v [n, 10] votes. */
export const face: Evaluation = {
  async run(options) {
    if (options.model !== undefined && !(await isModelOf('face-emotion', options.model))) return [];
    const faces = readFaces(options.data ?? shared('datasets/ferplus/valid.npz'));
    if (options.model === undefined && existsSync(shared(BASELINE.file))) await printBaseline(faces, options);
    return measure(faces, options);
  },
};

interface Reading {
  id: string;
  /** Class probabilities in the order of CLASSES. */
  distributions: Distribution[];
  /** Median ms of one face by itself. */
  latency: number;
}

interface Opened {
  entry: EmotionModel;
  session: InferenceSession;
}

async function read(faces: Faces, { entry, session }: Opened, progress: Options['progress']): Promise<Reading> {
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
  const session = await openSession({ entry: BASELINE, bytes: new Uint8Array(readFileSync(shared(BASELINE.file))) }, 1);
  const reading = await read(faces, { entry: BASELINE, session }, progress);
  console.log(`\nbaseline ${summary(reading.id, judge(reading, faces.truth), reading.latency)}`);
}

async function measure(faces: Faces, { progress, model, plot }: Options): Promise<Figure[]> {
  const { truth } = faces;
  const reading = await read(faces, await openModel('face-emotion', model), progress);
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
