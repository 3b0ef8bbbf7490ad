import { type Figure, median } from '../../bench/report.ts';
import { calibrationError } from '../calibration.ts';
import type { Evaluation } from '../evaluation.ts';
import { bestSingle, binsOf, printReport } from './mood-report.ts';
import { sampleFiles } from './samples.ts';
import { BINS, emptyTally, type Tally } from './tally.ts';
import { tallyDays } from './workers.ts';

const DAYS = 100;
const QUICK_DAYS = 6;

/** The moods of a simulated home whose readings are of real faces, voices and messages. */
export const mood: Evaluation = {
  async run(options) {
    if (options.model !== undefined) return [];
    const days = options.quick ? QUICK_DAYS : DAYS;
    const files = await sampleFiles(options);
    const script = new URL('./mood-worker.ts', import.meta.url);
    const tallies = await tallyDays<Tally>(script, { files, days, progress: options.progress });
    const tally = tallies.reduce(added, emptyTally());
    printReport(tally, options);
    return figuresOf(tally, days);
  },
};

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
