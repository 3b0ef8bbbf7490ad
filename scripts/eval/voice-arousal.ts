import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArousalNet } from '../../daemon/senses/perception/voice/arousal-net.ts';
import { VoiceJudge } from '../../daemon/senses/perception/voice/judge.ts';
import { SAMPLE_RATE } from '../../daemon/senses/perception/voice/vad.ts';
import { type Figure, median } from '../bench/report.ts';
import { actorOf, emotionOf } from './acted-speech.ts';
import { table } from './tables.ts';
import { type Corpora, introductionsOf, type Measured, type Model } from './utterances.ts';

/** Arousal above which a voice is called high: half of what Russell & Mehrabian 1977 give anger, fear and happiness. */
const HIGH = 0.3;
const OWN = 'own-arousal';
const LEFT_OUT = join(import.meta.dirname, '../../models/training/voice-arousal/emodb-speakers-left-out.csv');
const BASELINE_CLIPS = 20;

/** Happy, angry, fearful, surprised; neutral, calm, sad. Disgust is neither. */
const RAVDESS_HIGH = ['03', '05', '06', '08'];
const RAVDESS_LOW = ['01', '02', '04'];
interface Heard {
  name: string;
  /** Mean over the segments of the clip that were judged; null where none was. */
  arousal: number | null;
  stress: number | null;
}

interface Scores {
  cold: number;
  warm: number;
  stress: number;
  alarms: number;
  judged: { cold: number; warm: number; ordinary: number };
}

export async function evaluateArousal({ models, ravdess, ordinary }: Corpora): Promise<Figure[]> {
  const { activity, arousal } = models;
  const latency = await latencyOf(arousal);
  const scores = score(ravdess, ordinary);
  const formula = score(ravdess.map(withoutNet), ordinary.map(withoutNet));
  print({ [arousal.entry.id]: scores, 'prosody formula': formula }, activity.entry.id);
  console.log(`\n${arousal.entry.id}: ${latency.toFixed(1)} ms for 3 s of speech (median)`);
  return [...(arousal.entry.id === OWN ? [leftOut()] : []), ...figuresOf(scores)];
}

/** The same as a program without the network has it. */
const withoutNet = ({ name, spoken }: Measured): Measured => ({ name, spoken: spoken.map((each) => ({ ...each, form: null })) });

function score(ravdess: readonly Measured[], ordinary: readonly Measured[]): Scores {
  const scored = ravdess.filter(({ name }) => [...RAVDESS_HIGH, ...RAVDESS_LOW].includes(emotionOf(name)));
  const cold = scored.map((clip) => judge(new VoiceJudge(), clip));
  const introductions = introductionsOf(ravdess);
  const introduced = new Set([...introductions.values()].flat());
  const warm = scored
    .filter((clip) => !introduced.has(clip))
    .map((clip) => judge(judgeAfter(introductions.get(actorOf(clip.name)) ?? []), clip));
  const every = Math.floor(ordinary.length / BASELINE_CLIPS);
  const first = ordinary.filter((_, i) => i % every === 0).slice(0, BASELINE_CLIPS);
  const house = judgeAfter(first);
  const readings = ordinary.filter((clip) => !first.includes(clip)).flatMap((clip) => judge(house, clip).arousal ?? []);
  return {
    cold: aucOf(cold, 'arousal'),
    warm: aucOf(warm, 'arousal'),
    stress: aucOf(warm, 'stress'),
    alarms: (100 * readings.filter((arousal) => arousal > HIGH).length) / readings.length,
    judged: { cold: countJudged(cold), warm: countJudged(warm), ordinary: readings.length },
  };
}

/** A judge who heard these clips and nothing else. */
function judgeAfter(clips: readonly Measured[]): VoiceJudge {
  const judged = new VoiceJudge();
  for (const clip of clips) judge(judged, clip);
  return judged;
}

function judge(by: VoiceJudge, { name, spoken }: Measured): Heard {
  const judgements = spoken.flatMap((each) => by.take(each) ?? []);
  return {
    name,
    arousal: meanOf(judgements.map(({ arousal }) => arousal)),
    stress: meanOf(judgements.flatMap(({ vocalStress }) => vocalStress ?? [])),
  };
}

const countJudged = (heard: readonly Heard[]): number => heard.filter(({ arousal }) => arousal !== null).length;

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;

function aucOf(heard: readonly Heard[], measure: 'arousal' | 'stress'): number {
  const of = (emotions: readonly string[]) =>
    heard.flatMap((each) => (emotions.includes(emotionOf(each.name)) ? (each[measure] ?? []) : []));
  return auc(of(RAVDESS_HIGH), of(RAVDESS_LOW));
}

/** Share of the pairs in which the first is the higher one. */
function auc(high: readonly number[], low: readonly number[]): number {
  let won = 0;
  for (const h of high) for (const l of low) won += h > l ? 1 : h === l ? 0.5 : 0;
  return won / (high.length * low.length);
}

async function latencyOf({ session }: Model): Promise<number> {
  const net = new ArousalNet(session);
  const samples = Float32Array.from({ length: 3 * SAMPLE_RATE }, (_, i) => 0.1 * Math.sin(i ** 1.2));
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    const began = performance.now();
    await net.form(samples);
    times.push(performance.now() - began);
  }
  return median(times.slice(10));
}

function print(columns: Record<string, Scores>, activity: string): void {
  const row = (label: string, cell: (scores: Scores) => string): string[] => [label, ...Object.values(columns).map(cell)];
  console.log(`\nArousal of voices, segments by ${activity}\n`);
  console.log(
    table([
      ['', ...Object.keys(columns)],
      row('RAVDESS, AUC, no baseline', ({ cold, judged }) => `${cold.toFixed(3)} (${judged.cold})`),
      row('RAVDESS, AUC, after three neutral clips', ({ warm, judged }) => `${warm.toFixed(3)} (${judged.warm})`),
      row('the same, vocal stress', ({ stress, judged }) => `${stress.toFixed(3)} (${judged.warm})`),
      row('ordinary speech called high, %', ({ alarms, judged }) => `${alarms.toFixed(1)} (${judged.ordinary})`),
    ]),
  );
}

/** EmoDB by models that did not hear the speaker: the training script made them and wrote their scores down. */
function leftOut(): Figure {
  const rows = readFileSync(LEFT_OUT, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',') as [string, string]);
  const of = (emotions: string) => rows.filter(([name]) => emotions.includes(name[5] as string)).map(([, form]) => Number(form));
  return {
    name: 'voice.arousal_auc.emodb',
    value: auc(of('WAF'), of('TLN')),
    unit: '',
    target: 0.97,
    better: 'higher',
    n: rows.length,
    definition: 'anger, fear and happiness against sadness, boredom and neutral, speakers left out, scores written by the training script',
  };
}

function figuresOf({ cold, warm, alarms, judged }: Scores): Figure[] {
  return [
    {
      name: 'voice.arousal_auc.ravdess',
      value: cold,
      unit: '',
      target: 0.85,
      better: 'higher',
      n: judged.cold,
      definition: 'angry, fearful, happy and surprised against sad, calm and neutral clips, each as the first that a microphone hears',
    },
    {
      name: 'voice.arousal_auc.ravdess_baseline',
      value: warm,
      unit: '',
      target: 0.88,
      better: 'higher',
      n: judged.warm,
      definition: 'the same, each clip after three neutral ones of its actor, which are not scored',
    },
    {
      name: 'voice.false_high_percent',
      value: alarms,
      unit: '%',
      target: 8,
      better: 'lower',
      n: judged.ordinary,
      definition: `ordinary commands read above ${HIGH}, after ${BASELINE_CLIPS} others of the set`,
    },
  ];
}
