import { z } from 'zod';
import { idSchema } from './observation.ts';

/** What a wearable measures. Each is compared with that wearer's own baseline alone: hearts differ more between people than by mood. */
export const MEASURES = ['heartRate', 'hrv', 'skinConductance', 'sleep'] as const;

export type Measure = (typeof MEASURES)[number];

const within = (min: number, max: number, unit: string) =>
  z.number().min(min, `must be ${min} to ${max} ${unit}`).max(max, `must be ${min} to ${max} ${unit}`).optional();

/** One message of a wearable. What no living body shows is refused: it is a sensor that is not worn. */
export const bodySampleSchema = z
  .strictObject({
    wearer: idSchema.default('wearable').describe('Tells wearers apart; the source of what is read of it'),
    heartRate: within(25, 240, 'beats a minute').describe('Beats a minute'),
    hrv: within(1, 400, 'ms').describe('Heart rate variability: RMSSD, ms'),
    skinConductance: within(0.01, 100, 'µS').describe('Microsiemens'),
    sleep: within(0, 24, 'hours').describe('Hours of the last night'),
    moving: z.boolean().optional().describe('Whether the wearer exercises: then the heart says little of feelings'),
  })
  .refine((sample) => MEASURES.some((measure) => sample[measure] !== undefined), `name at least one of ${MEASURES.join(', ')}`);

export type BodySample = z.infer<typeof bodySampleSchema>;

const measureBaselineSchema = z.object({
  /** On the scale on which they are compared, oldest first. */
  values: z.array(z.number()),
  /** ms between two that are kept. */
  spacing: z.number(),
  /** Epoch ms of the newest. */
  at: z.number(),
});

/** What is ordinary for one wearer. A value: made by `learn`, kept by whoever calls it. */
export const bodyBaselineSchema = z.partialRecord(z.enum(MEASURES), measureBaselineSchema);

export type BodyBaseline = z.infer<typeof bodyBaselineSchema>;

interface MeasureKind {
  /** Values are compared as logarithms where their spread grows with them. */
  log: boolean;
  /** Least spread that is taken for real, on that scale. */
  floor: number;
  /** Of values, before anything is said. */
  least: number;
  /** ms between values kept, at first. */
  spacing: number;
  /** Which way it goes with arousal, and how much it counts; 0: says nothing of it. */
  arousal: number;
  stress: number;
  /** 0..1: confidence in it alone. */
  confidence: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Directions after the literature, amounts our own: docs/fusion.md. */
const KINDS: Readonly<Record<Measure, MeasureKind>> = {
  heartRate: { log: false, floor: 3, least: 10, spacing: MINUTE, arousal: 0.8, stress: 0.7, confidence: 0.3 },
  hrv: { log: true, floor: 0.1, least: 10, spacing: MINUTE, arousal: -0.7, stress: -1, confidence: 0.4 },
  skinConductance: { log: true, floor: 0.1, least: 10, spacing: MINUTE, arousal: 1, stress: 1, confidence: 0.4 },
  sleep: { log: false, floor: 0.5, least: 5, spacing: 12 * HOUR, arousal: 0, stress: -0.5, confidence: 0.1 },
};

/** Values of a baseline. When there are more, every other one goes and those to come are kept half as often. */
const MOST_VALUES = 96;
const WIDEST_SPACING = 2 * HOUR;

/** Deviations beyond this are outliers, and count as this (Iglewicz & Hoaglin 1993 take 3.5 for the border). */
const OUTLIER = 5;

/** What a sample says. */
export interface BodyReading {
  /** -1..1 */
  arousal: number;
  /** 0..1 */
  stress: number;
  /** 0..1 */
  confidence: number;
  /** `learning`: a measure whose baseline is not known yet; `moving`; `outlier`. */
  flags: string[];
}

/**
 * Reads a sample against a baseline. Pure: neither is changed.
 * @returns undefined while no measure has a baseline to be compared with
 */
export function readBody(sample: BodySample, baseline: BodyBaseline): BodyReading | undefined {
  const read = MEASURES.flatMap((measure) => {
    const value = sample[measure];
    return value === undefined ? [] : [{ ...KINDS[measure], deviation: deviationOf(measure, { value, baseline }) }];
  });
  const known = read.flatMap(({ deviation, ...kind }) => (deviation === undefined ? [] : [{ ...kind, deviation }]));
  if (known.length === 0) return undefined;
  const clipped = known.map((each) => ({ ...each, deviation: Math.max(-OUTLIER, Math.min(OUTLIER, each.deviation)) }));
  const doubt = clipped.reduce((product, { confidence }) => product * (1 - confidence), 1);
  const flags = [
    ...(known.length < read.length ? ['learning'] : []),
    ...(sample.moving ? ['moving'] : []),
    ...(known.some(({ deviation }) => Math.abs(deviation) > OUTLIER) ? ['outlier'] : []),
  ];
  return {
    arousal: Math.tanh(meanDeviation(clipped, 'arousal') / 2),
    // A tenth at the ordinary, a half at 1.5 deviations above it.
    stress: 1 / (1 + Math.exp(-1.5 * (meanDeviation(clipped, 'stress') - 1.5))),
    confidence: (1 - doubt) * (sample.moving ? 0.3 : 1),
    flags,
  };
}

/** The baseline with this sample in it. @param at epoch ms */
export function learn(sample: BodySample, { baseline, at }: { baseline: BodyBaseline; at: number }): BodyBaseline {
  const next = { ...baseline };
  for (const measure of MEASURES) {
    const value = sample[measure];
    // What is ordinary is what the body does at rest.
    if (value === undefined || (sample.moving && measure !== 'sleep')) continue;
    const learned = withValue(baseline[measure] ?? { values: [], spacing: KINDS[measure].spacing, at: Number.NEGATIVE_INFINITY }, {
      value: scaled(measure, value),
      at,
    });
    if (learned) next[measure] = learned;
  }
  return next;
}

type MeasureBaseline = z.infer<typeof measureBaselineSchema>;

/** Undefined where it comes too soon after the last one. A clock that jumped does not stop it. */
function withValue(
  { values, spacing, at: last }: MeasureBaseline,
  { value, at }: { value: number; at: number },
): MeasureBaseline | undefined {
  if (Math.abs(at - last) < spacing) return undefined;
  const all = [...values, value];
  if (all.length <= MOST_VALUES) return { values: all, spacing, at };
  if (spacing >= WIDEST_SPACING) return { values: all.slice(1), spacing, at };
  return { values: all.filter((_, index) => index % 2 === 0), spacing: Math.min(WIDEST_SPACING, 2 * spacing), at };
}

/** Robust z-score: median and 1.4826 x MAD in place of mean and standard deviation, which a few wild values would carry off. */
export function robustDeviation(value: number, { values, floor }: { values: readonly number[]; floor: number }): number {
  const center = median(values);
  const spread = 1.4826 * median(values.map((each) => Math.abs(each - center)));
  return (value - center) / Math.max(floor, spread);
}

function deviationOf(measure: Measure, { value, baseline }: { value: number; baseline: BodyBaseline }): number | undefined {
  const values = baseline[measure]?.values ?? [];
  const { least, floor } = KINDS[measure];
  return values.length < least ? undefined : robustDeviation(scaled(measure, value), { values, floor });
}

/** By weight; 0 where no measure says anything of it. */
function meanDeviation(known: readonly (MeasureKind & { deviation: number })[], of: 'arousal' | 'stress'): number {
  const total = known.reduce((sum, each) => sum + Math.abs(each[of]), 0);
  return total === 0 ? 0 : known.reduce((sum, each) => sum + each[of] * each.deviation, 0) / total;
}

const scaled = (measure: Measure, value: number): number => (KINDS[measure].log ? Math.log(value) : value);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
