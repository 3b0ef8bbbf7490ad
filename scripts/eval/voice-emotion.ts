import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMOTIONS, type Emotion, type Probabilities } from '../../daemon/mood/emotion.ts';
import type { MoodLabel } from '../../daemon/mood/mood.ts';
import { RoomMood } from '../../daemon/mood/room-mood.ts';
import { type Judgement, VoiceJudge } from '../../daemon/senses/perception/voice/judge.ts';
import { actorOf, EMODB, emotionOf, RAVDESS } from './acted-speech.ts';
import { type Bin, calibrationError, type Distribution, reliability } from './calibration.ts';
import { accuracyOf, argmax, type Confusion, confusionOf, macroF1, mean, scoresOf } from './classes.ts';
import type { Options } from './evaluation.ts';
import { confusionPlot, reliabilityPlot } from './plots.ts';
import { confusionTable, reliabilityTable, scoreTable, share, table } from './tables.ts';
import { type Corpora, introductionsOf, type Measured } from './utterances.ts';

const OWN = 'own-voice-emotion';
const LEFT_OUT = join(import.meta.dirname, '../../models/training/voice-emotion/emodb-speakers-left-out.csv');

/** Surprise no network here has heard. */
const JUDGED: readonly Emotion[] = EMOTIONS.filter((emotion) => emotion !== 'surprise');

/** What a room with one such voice in it is rightly called. */
const MOODS: Partial<Record<Emotion, readonly MoodLabel[]>> = {
  neutral: ['neutral', 'calm'],
  happiness: ['cheerful'],
  sadness: ['low'],
  anger: ['tense'],
  fear: ['tense'],
};
const PLEASANT: readonly MoodLabel[] = ['cheerful', 'calm'];
const UNPLEASANT: readonly MoodLabel[] = ['tense', 'low'];
/** Ms from one utterance to the next. */
const EVERY = 8000;
const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1];

/** A clip that was judged, segment by segment. */
interface Heard {
  speaker: string;
  truth: Emotion;
  judgements: Judgement[];
}

/** How far categories carry to speakers and microphones that the network never heard, and what a room's mood gains by them. */
export function evaluateEmotion({ models, ravdess, ordinary }: Corpora, { plot }: Pick<Options, 'plot'>): void {
  const { id } = models.emotions.entry;
  const leftOut = id === OWN ? readLeftOut() : null;
  if (leftOut) describe(`${id}, EmoDB, speakers left out`, leftOut);
  const introductions = introductionsOf(ravdess);
  const introduced = new Set([...introductions.values()].flat());
  const warm = judgeAll(
    ravdess.filter((clip) => !introduced.has(clip)),
    ({ name }) => judgeWho(introductions.get(actorOf(name)) ?? []),
  );
  const transfer = describe(`${id}, RAVDESS, each after three neutral clips of its actor`, readingsOf(warm));
  plot('voice-confusion', confusionPlot('RAVDESS: named, in % of what is true', JUDGED, transfer.confusion));
  plot('voice-reliability', reliabilityPlot('RAVDESS: right answers by confidence', transfer.bins));
  printMoods(warm, ordinaryOf(ordinary));
}

interface Readings {
  truth: number[];
  distributions: Distribution[];
}

/** EmoDB by models that did not hear the speaker: the training script made them and wrote their probabilities down. */
function readLeftOut(): Readings {
  const [head = '', ...rows] = readFileSync(LEFT_OUT, 'utf8').trim().split('\n');
  const columns = head.split(',');
  const readings: Readings = { truth: [], distributions: [] };
  for (const row of rows) {
    const cells = row.split(',');
    readings.truth.push(JUDGED.indexOf(EMODB[cells[0]?.[5] ?? ''] as Emotion));
    readings.distributions.push(JUDGED.map((emotion) => Number(cells[columns.indexOf(emotion)])));
  }
  return readings;
}

function judgeWho(clips: readonly Measured[]): VoiceJudge {
  const judge = new VoiceJudge();
  for (const { spoken } of clips) for (const each of spoken) judge.take(each);
  return judge;
}

function judgeAll(clips: readonly Measured[], judgeOf: (clip: Measured) => VoiceJudge): Heard[] {
  return clips.flatMap((clip) => {
    const truth = RAVDESS[emotionOf(clip.name)];
    if (!truth || !JUDGED.includes(truth)) return [];
    const judge = judgeOf(clip);
    const judgements = clip.spoken.flatMap((spoken) => judge.take(spoken) ?? []);
    return judgements.length > 0 ? [{ speaker: actorOf(clip.name), truth, judgements }] : [];
  });
}

/** The commands as one house hears them, one after the other; half of them to get used to it. */
function ordinaryOf(clips: readonly Measured[]): Heard[] {
  const judge = judgeWho(clips.filter((_, i) => i % 2 === 0));
  return clips
    .filter((_, i) => i % 2 === 1)
    .map(({ spoken }) => ({ speaker: '', truth: 'neutral' as const, judgements: spoken.flatMap((each) => judge.take(each) ?? []) }))
    .filter(({ judgements }) => judgements.length > 0);
}

/** Mean over the segments of a clip; among the emotions that a clip can be of. */
const readingsOf = (heard: readonly Heard[]): Readings => ({
  truth: heard.map(({ truth }) => JUDGED.indexOf(truth)),
  distributions: heard.map(({ judgements }) => {
    const all = judgements.flatMap(({ probabilities }) => probabilities ?? []);
    const means = JUDGED.map((emotion) => mean(all.map((each: Probabilities) => each[emotion])));
    const total = means.reduce((sum, each) => sum + each, 0);
    return means.map((each) => each / total);
  }),
});

function describe(title: string, { truth, distributions }: Readings): { confusion: Confusion; bins: Bin[] } {
  const confusion = confusionOf(truth, distributions.map(argmax), JUDGED.length);
  const scores = scoresOf(confusion);
  const bins = reliability(distributions, truth, 10);
  const recall = mean(scores.map((score) => score.recall));
  const chance = 1 / JUDGED.length;
  console.log(
    `\n${title}: accuracy ${share(accuracyOf(confusion))}, macro-F1 ${share(macroF1(scores))}, mean recall ${share(recall)}, ` +
      `above chance ${share((recall - chance) / (1 - chance))}, calibration error ${share(calibrationError(bins))}; ${truth.length} clips\n`,
  );
  console.log(`${scoreTable(JUDGED, scores)}\n\n${confusionTable(JUDGED, confusion)}\n\n${reliabilityTable(bins)}`);
  return { confusion, bins };
}

/** The moods of a room in which these are said one after the other, as the program smooths and dwells on them: one a second. */
function moodsDuring(heard: readonly Judgement[], voiceCategories: number): MoodLabel[] {
  const room = new RoomMood({ room: 'eval', options: { voiceCategories, voiceValence: 1 } });
  const labels: MoodLabel[] = [];
  for (const [i, { arousal, ...judgement }] of heard.entries()) {
    const at = EVERY * i;
    const about = { v: 1, id: `mic.${i}`, room: 'eval', source: 'mic', at, modality: 'voice', speech: true, quality: 1 } as const;
    room.observe({ ...about, affect: { arousal }, ...judgement }, { mono: at, wall: at });
    for (let now = at; now < at + EVERY; now += 1000) labels.push(room.tick({ mono: now, wall: now }).label);
  }
  return labels;
}

/** What one actor said in one emotion, as if it were felt for a minute or two: the moods of the second half. */
function printMoods(heard: readonly Heard[], ordinary: readonly Heard[]): void {
  const spells = new Map<string, Heard[]>();
  for (const each of heard) {
    const key = `${each.speaker} ${each.truth}`;
    spells.set(key, [...(spells.get(key) ?? []), each]);
  }
  const rows = SHARES.map((each) => {
    const rates = Object.entries(MOODS).map(([emotion, moods]) => {
      const labels = [...spells.values()]
        .filter(([first]) => first?.truth === emotion)
        .flatMap((spell) => secondHalf(moodsDuring(judgementsOf(spell), each)));
      const reversed = emotion === 'happiness' ? UNPLEASANT : emotion === 'neutral' ? [] : PLEASANT;
      return { right: rateOf(labels, moods), reversed: rateOf(labels, reversed) };
    });
    const called = 1 - rateOf(moodsDuring(judgementsOf(ordinary), each), ['neutral', 'calm']);
    return [
      each.toFixed(1),
      ...rates.map(({ right }) => share(right)),
      share(mean(rates.map(({ right }) => right))),
      share(mean(rates.map(({ reversed }) => reversed))),
      share(called),
    ];
  });
  console.log(`\nMood of a room in which one voice is heard, by the share of the categories: how much of the time it is right\n`);
  console.log(table([['share', ...Object.keys(MOODS), 'mean', 'reversed', 'commands not neutral'], ...rows]));
}

const judgementsOf = (heard: readonly Heard[]): Judgement[] => heard.flatMap(({ judgements }) => judgements);
const secondHalf = <T>(values: readonly T[]): T[] => values.slice(Math.floor(values.length / 2));
const rateOf = (labels: readonly MoodLabel[], wanted: readonly MoodLabel[]): number =>
  mean(labels.map((label) => (wanted.includes(label) ? 1 : 0)));
