import { median, quantile } from '../../bench/report.ts';
import type { Bin } from '../calibration.ts';
import { sum } from '../classes.ts';
import type { Options } from '../evaluation.ts';
import { confusionPlot, reliabilityPlot } from '../plots.ts';
import { confusionTable, reliabilityTable, share, table } from '../tables.ts';
import { SENSES } from './day.ts';
import { FEELINGS } from './feelings.ts';
import { BINS, type Lag, SIGHTS, type Tally, type Teller } from './tally.ts';

const SINGLE: readonly Teller[] = ['program.face', 'program.voice', 'program.text', 'mean.face', 'mean.voice', 'mean.text'];

/** One modality alone, by whichever way reads it best. */
export function bestSingle({ right }: Tally): Teller {
  return SINGLE.reduce((best, each) => (right[each] > right[best] ? each : best));
}

export const binsOf = ({ bins }: Tally): Bin[] =>
  bins.map(({ n, confidence, right }, i) => ({
    from: i / BINS,
    to: (i + 1) / BINS,
    n,
    confidence: n === 0 ? 0 : confidence / n,
    accuracy: n === 0 ? 0 : right / n,
  }));

/** What of the moods is right and where it is lost. */
export function printReport(tally: Tally, { plot }: Pick<Options, 'plot'>): void {
  const { lags, confusion } = tally;
  console.log(`\nA home of ${(tally.seconds / 3600).toFixed(0)} occupied hours: share of the seconds in which the emotion is right\n`);
  console.log(`${accuracyTable(tally)}\n\nBy what the camera sees\n\n${sightTable(tally)}\n\n${confusionTable(FEELINGS, confusion)}\n`);
  const recalls = FEELINGS.map((feeling, i) => `${feeling} ${share((confusion[i]?.[i] ?? 0) / sum(confusion[i] as number[]))}`);
  console.log(`found: ${recalls.join(', ')}\n\n${reliabilityTable(binsOf(tally))}`);
  console.log(`\nFrom a true change to the label, s\n\n${lagTable(lags)}\n`);
  console.log(
    `${tally.changes} changes of the label while occupied, ${lags.length} true ones, ${tally.flaps} beyond them, of which ${tally.misled} while or soon after a burst shows something wrong`,
  );
  plot('mood-confusion', confusionPlot('Mood of a home: told, in % of what is felt', FEELINGS, confusion));
  plot('mood-reliability', reliabilityPlot('Mood of a home: right by confidence', binsOf(tally)));
}

function accuracyTable({ right, oracle, confusion, seconds }: Tally): string {
  const of = (count: number): string => share(count / seconds);
  return table([
    ['', 'all', ...SENSES],
    ['the program', of(right.fused), ...SENSES.map((sense) => of(right[`program.${sense}`]))],
    ['mean of ten readings, held', '', ...SENSES.map((sense) => of(right[`mean.${sense}`]))],
    ['no misreading, held', of(oracle.all), ...SENSES.map((sense) => of(oracle[sense]))],
    ['always neutral', of(sum(confusion[FEELINGS.indexOf('neutral')] as number[]))],
  ]);
}

const sightTable = ({ sights, seconds }: Tally): string =>
  table([
    ['face', 'of the time', 'program', 'face alone', 'face, mean'],
    ...SIGHTS.map((sight) => {
      const { n, right } = sights[sight];
      const shares = (['fused', 'program.face', 'mean.face'] as const).map((teller) => share(right[teller] / n));
      return [sight, share(n / seconds), ...shares];
    }),
  ]);

function lagTable(lags: readonly Lag[]): string {
  const rows = ['all', ...new Set(lags.map(({ label }) => label))].map((label) => {
    const own = lags.filter((each) => label === 'all' || each.label === label);
    const times = own.map(({ lag }) => lag);
    const never = times.filter((lag) => !Number.isFinite(lag)).length / own.length;
    const fromThen = own.flatMap(({ lag, reading }) => (Number.isFinite(lag) && lag > reading ? [lag - reading] : []));
    const cells = [median(times), quantile(times, 0.75), median(own.map(({ reading }) => reading)), median(fromThen)];
    return [label, String(own.length), ...cells.map(inSeconds), share(never)];
  });
  return table([['label', 'changes', 'median', '75 %', 'until it is shown', 'from then', 'never'], ...rows]);
}

const inSeconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : 'never');
