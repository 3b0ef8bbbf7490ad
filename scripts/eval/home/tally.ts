import type { Burst, Day, Episode, Sense, Span } from './day.ts';
import { SENSES } from './day.ts';
import { FEELINGS, type Feeling, LABELS } from './feelings.ts';
import type { Story, Told } from './stories.ts';

/** Whose story: the program's with everything, and one modality's alone, as the program and as the plain mean read it. */
export const TELLERS = ['fused', 'program.face', 'program.voice', 'program.text', 'mean.face', 'mean.voice', 'mean.text'] as const;
export type Teller = (typeof TELLERS)[number];

/** One who never misreads what is shown and holds it until something else is; wrong bursts are wrong to them too. */
export const ORACLES = ['face', 'voice', 'text', 'all'] as const;
export type Oracle = (typeof ORACLES)[number];

/** What of the face can be seen at a moment, and how long it has been gone. */
export const SIGHTS = ['shown right', 'shown wrong', 'gone under a minute', 'gone longer'] as const;
export type Sight = (typeof SIGHTS)[number];

export const BINS = 15;
const MINUTE = 60_000;
const SECOND = 1000;

export interface Lag {
  /** The label that became true. */
  label: string;
  /** ms from the change to the label; infinite where it never came while it was true. */
  lag: number;
  /** ms from the change to the first reading after it that shows what is felt; infinite where there was none. */
  reading: number;
}

/** What is counted of one day; every count is of occupied seconds unless it says otherwise. */
export interface Tally {
  seconds: number;
  right: Record<Teller, number>;
  oracle: Record<Oracle, number>;
  /** The program's: [felt][told]. */
  confusion: number[][];
  /** Confidence of the program in bins of equal width. */
  bins: { n: number; confidence: number; right: number }[];
  sights: Record<Sight, { n: number; right: Record<Teller, number> }>;
  /** One for each change of the true label within a stay. */
  lags: Lag[];
  /** Changes of the label that did not bring the true one for the first time since it became true. */
  flaps: number;
  /** Those of them during a wrong burst, or within a minute after it. */
  misled: number;
  /** All changes of the label while somebody was there. */
  changes: number;
}

const zeros = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

export const emptyTally = (): Tally => ({
  seconds: 0,
  right: zeros(TELLERS),
  oracle: zeros(ORACLES),
  confusion: FEELINGS.map(() => FEELINGS.map(() => 0)),
  bins: Array.from({ length: BINS }, () => ({ n: 0, confidence: 0, right: 0 })),
  sights: Object.fromEntries(SIGHTS.map((sight) => [sight, { n: 0, right: zeros(TELLERS) }])) as Tally['sights'],
  lags: [],
  flaps: 0,
  misled: 0,
  changes: 0,
});

export function tallyDay(day: Day, stories: Record<Teller, Story>): Tally {
  const tally = emptyTally();
  countSeconds(day, { stories, tally });
  countChanges(day, { story: stories.fused, tally });
  return tally;
}

function countSeconds(day: Day, { stories, tally }: { stories: Record<Teller, Story>; tally: Tally }): void {
  const readers = TELLERS.map((teller) => ({ teller, told: follow(stories[teller]) }));
  const bursts = SENSES.map((sense) => ({ sense, latest: followBursts(day.bursts.filter((burst) => burst.sense === sense)) }));
  for (const episode of day.episodes) {
    for (let at = episode.from + SECOND / 2; at < episode.to; at += SECOND) {
      const latest = Object.fromEntries(bursts.map((each) => [each.sense, each.latest(at)])) as Latest;
      const { sight } = seeOracles(at, { day, episode, latest, tally });
      tally.seconds++;
      tally.sights[sight].n++;
      for (const { teller, told } of readers) {
        const { emotion, confidence } = told(at);
        const right = emotion === episode.feeling ? 1 : 0;
        tally.right[teller] += right;
        tally.sights[sight].right[teller] += right;
        if (teller === 'fused') countTold(tally, { felt: episode.feeling, emotion, confidence });
      }
    }
  }
}

function countTold(tally: Tally, { felt, emotion, confidence }: { felt: Feeling; emotion: Feeling; confidence: number }): void {
  const row = tally.confusion[FEELINGS.indexOf(felt)] as number[];
  row[FEELINGS.indexOf(emotion)] = (row[FEELINGS.indexOf(emotion)] as number) + 1;
  const bin = tally.bins[Math.min(BINS - 1, Math.floor(confidence * BINS))] as Tally['bins'][number];
  bin.n++;
  bin.confidence += confidence;
  bin.right += emotion === felt ? 1 : 0;
}

type Latest = Record<Sense, Burst | undefined>;

/** Counts who would be right without ever misreading. */
function seeOracles(
  at: number,
  { day, episode, latest, tally }: { day: Day; episode: Episode; latest: Latest; tally: Tally },
): { sight: Sight } {
  const shown = SENSES.flatMap((sense) => {
    const burst = latest[sense];
    if (!burst) return [];
    const until = Math.min(at, burst.to);
    return [{ sense, until, right: (burst.wrong ?? feltAt(day, until)) === episode.feeling }];
  });
  for (const { sense, right } of shown) tally.oracle[sense] += right ? 1 : 0;
  const newest = Math.max(...shown.map(({ until }) => until));
  tally.oracle.all += shown.some(({ until, right }) => until === newest && right) ? 1 : 0;

  const face = shown.find(({ sense }) => sense === 'face');
  if (!face || at - face.until >= MINUTE) return { sight: 'gone longer' };
  if (face.until < at) return { sight: 'gone under a minute' };
  return { sight: face.right ? 'shown right' : 'shown wrong' };
}

const feltAt = (day: Day, at: number): Feeling | undefined => day.episodes.findLast(({ from }) => from <= at)?.feeling;

function countChanges(day: Day, { story, tally }: { story: Story; tally: Tally }): void {
  for (const stay of staysOf(day.episodes)) {
    const spells = spellsOf(stay);
    const changes = labelChanges(story, { from: (stay[0] as Episode).from, to: (stay.at(-1) as Episode).to });
    tally.changes += changes.length;
    for (const [i, { from, to, label }] of spells.entries()) {
      const before = labelAt(story, from);
      const within = changes.filter(({ at }) => at >= from && at < to);
      const arrival = before === label ? undefined : within.find((change) => change.label === label);
      const flaps = within.filter((change) => change !== arrival);
      tally.flaps += flaps.length;
      tally.misled += flaps.filter(({ at }) => isMisled(day, at)).length;
      if (i === 0) continue;
      const lag = before === label ? 0 : (arrival?.at ?? Number.POSITIVE_INFINITY) - from;
      tally.lags.push({ label, lag, reading: firstReading(day, { from, to }) - from });
    }
  }
}

const isMisled = ({ bursts }: Day, at: number): boolean =>
  bursts.some(({ from, to, wrong }) => wrong !== null && from <= at && at < to + MINUTE);

/** Episodes without absence between them. */
function staysOf(episodes: readonly Episode[]): Episode[][] {
  const stays: Episode[][] = [];
  for (const episode of episodes) {
    if (episode.first) stays.push([]);
    stays.at(-1)?.push(episode);
  }
  return stays;
}

/** Times in which one label is true: anger that turns to fear is tense all the while. */
function spellsOf(stay: readonly Episode[]): (Span & { label: string })[] {
  const spells: (Span & { label: string })[] = [];
  for (const { from, to, feeling } of stay) {
    const last = spells.at(-1);
    if (last?.label === LABELS[feeling]) last.to = to;
    else spells.push({ from, to, label: LABELS[feeling] });
  }
  return spells;
}

const labelAt = (story: Story, at: number): string => story.findLast((told) => told.at < at)?.label ?? NOTHING_TOLD.label;

function labelChanges(story: Story, { from, to }: Span): { at: number; label: string }[] {
  let label = labelAt(story, from);
  return story.filter((told) => {
    if (told.at < from || told.at >= to || told.label === label) return false;
    label = told.label;
    return true;
  });
}

/** When a burst first shows what is felt in this time; a burst that goes on shows it at once. */
function firstReading(day: Day, { from, to }: Span): number {
  const times = day.bursts.filter((burst) => burst.wrong === null && burst.to >= from && burst.from < to);
  return Math.min(...times.map((burst) => Math.max(from, burst.from)));
}

/** Before anything is told. */
const NOTHING_TOLD: Told = { at: Number.NEGATIVE_INFINITY, emotion: 'neutral', label: 'neutral', confidence: 0 };

/** What was told last before a moment; moments must not go back. */
function follow(story: Story): (at: number) => Told {
  let next = 0;
  return (at) => {
    while ((story[next]?.at ?? Number.POSITIVE_INFINITY) <= at) next++;
    return story[next - 1] ?? NOTHING_TOLD;
  };
}

/** The burst that began last before a moment; moments must not go back. */
function followBursts(bursts: readonly Burst[]): (at: number) => Burst | undefined {
  let next = 0;
  return (at) => {
    while ((bursts[next]?.from ?? Number.POSITIVE_INFINITY) <= at) next++;
    return bursts[next - 1];
  };
}
