import { Worker } from 'node:worker_threads';
import { type Figure, median } from '../../bench/report.ts';
import { calibrationError } from '../calibration.ts';
import type { Evaluation, Options } from '../evaluation.ts';
import type { Done, Work } from './day-worker.ts';
import { bestSingle, binsOf, printReport } from './mood-report.ts';
import { type SampleFiles, sampleFiles } from './samples.ts';
import { BINS, emptyTally, type Tally } from './tally.ts';

const DAYS = 100;
const QUICK_DAYS = 6;
const FIRST_SEED = 20_261_001;
const WORKERS = 2;

/** The moods of a simulated home whose readings are of real faces, voices and messages. */
export const mood: Evaluation = {
  async run(options) {
    if (options.model !== undefined) return [];
    const days = options.quick ? QUICK_DAYS : DAYS;
    const tally = await tallyDays(await sampleFiles(options), { days, progress: options.progress });
    printReport(tally, options);
    return figuresOf(tally, days);
  },
};

/** Days are shared out to workers and added up in their order, so that rounding is the same each time. */
async function tallyDays(files: SampleFiles, { days, progress }: { days: number; progress: Options['progress'] }): Promise<Tally> {
  const seeds = Array.from({ length: days }, (_, day) => FIRST_SEED + day);
  const tallies = new Map<number, Tally>();
  progress(`${days} days`);
  await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) => {
      const mine = seeds.filter((_, day) => day % WORKERS === worker);
      return work({ sampleFiles: files, seeds: mine }, ({ seed, tally }) => {
        tallies.set(seed, tally);
        progress(`${tallies.size} of ${days} days`);
      });
    }),
  );
  progress('');
  return seeds.map((seed) => tallies.get(seed) as Tally).reduce(added, emptyTally());
}

function work(workerData: Work, onDone: (done: Done) => void): Promise<void> {
  const worker = new Worker(new URL('./day-worker.ts', import.meta.url), { workerData });
  worker.on('message', onDone);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** Numbers are added up, lists that are of moments are joined. */
function added(a: Tally, b: Tally): Tally {
  return { ...(addedValues({ ...a, lags: 0 }, { ...b, lags: 0 }) as Omit<Tally, 'lags'>), lags: [...a.lags, ...b.lags] };
}

function addedValues(a: unknown, b: unknown): unknown {
  if (typeof a === 'number') return a + (b as number);
  if (Array.isArray(a)) return a.map((each, i) => addedValues(each, (b as unknown[])[i]));
  return Object.fromEntries(
    Object.entries(a as object).map(([key, each]) => [key, addedValues(each, (b as Record<string, unknown>)[key])]),
  );
}

function figuresOf(tally: Tally, days: number): Figure[] {
  const { right, lags } = tally;
  const home = `over the occupied seconds of ${days} seeded days of real samples (docs/accuracy.md, Mood)`;
  const accuracy = right.fused / tally.seconds;
  const best = bestSingle(tally);
  return [
    {
      name: 'mood.accuracy',
      value: accuracy,
      unit: '',
      // What the best single modality reaches, and the gain that is asked for: there is no target of its own.
      target: right[best] / tally.seconds + 0.05,
      better: 'higher',
      n: tally.seconds,
      definition: `share in which the room's emotion is the true one, ${home}; target: ${best} alone and 5 points`,
    },
    {
      name: 'mood.fusion_gain_points',
      value: 100 * (accuracy - right[best] / tally.seconds),
      unit: 'points',
      target: 5,
      better: 'higher',
      n: tally.seconds,
      definition: `accuracy less that of the best single modality, last value held, by the program or by the mean of ten readings: ${best}; ${home}`,
    },
    {
      name: 'mood.ece',
      value: calibrationError(binsOf(tally)),
      unit: '',
      target: 0.05,
      better: 'lower',
      n: tally.seconds,
      definition: `expected calibration error of a mood's confidence in ${BINS} equal bins, ${home}`,
    },
    {
      name: 'mood.lag_s',
      value: median(lags.map(({ lag }) => lag)) / 1000,
      unit: 's',
      target: 25,
      better: 'lower',
      n: lags.length,
      definition: `median from a change of the true label to the label; one that never came counts as infinite; of ${days} days`,
    },
    {
      name: 'mood.flaps_per_occupied_hour',
      value: tally.flaps / (tally.seconds / 3600),
      unit: '1/h',
      target: 4,
      better: 'lower',
      n: tally.changes,
      definition: `changes of the label, but for the first to the true one after it became true, per occupied hour; of ${days} days`,
    },
  ];
}
