import { z } from 'zod';
import { EMOTIONS } from './emotion.ts';
import { MOOD_LABELS, type Mood } from './mood.ts';
import { idSchema, MODALITIES, type Modality } from './observation.ts';
import { VERDICTS } from './verdict.ts';

/** What somebody said of a room's mood, with what it was made of then: all that is ever learned is computed from these. */
export const feedbackSchema = z.object({
  id: z.string(),
  /** Epoch ms */
  at: z.number(),
  room: idSchema,
  actor: z.string(),
  verdict: z.enum(VERDICTS),
  emotion: z.enum(EMOTIONS),
  label: z.enum(MOOD_LABELS),
  /** The scene that the mood asked for, if any. */
  scene: z.string().nullable(),
  /** Share of each modality, and whether it spoke for the emotion. */
  said: z.array(z.object({ modality: z.enum(MODALITIES), weight: z.number(), agrees: z.boolean() })),
});

export type Feedback = z.infer<typeof feedbackSchema>;

export type Reliability = Readonly<Record<Modality, number>>;

/** As many verdicts the reliability set for a modality is worth: one person's clicks move it slowly. */
const PRIOR = 20;

/** Farthest that a reliability may move from what was set. */
export const MOST_LEARNED = 0.2;

/** No modality is taken for certain, and none for worthless. */
const LEAST = 0.05;
const MOST = 0.97;

/** ms for which a scene rests in its room after "not now". */
export const NOT_NOW = 3_600_000;

/** As many verdicts the indifference toward a scene is worth, and the preference below which the mood does not ask for it. */
const INDIFFERENCE = 4;
const UNWANTED = -0.5;

/** What a mood said through each modality, to be kept with a verdict on it. */
export function saidBy({ contributions }: Pick<Mood, 'contributions'>): Feedback['said'] {
  return contributions.flatMap(({ modality, weight, agrees }) => (agrees === undefined ? [] : [{ modality, weight, agrees }]));
}

/**
 * Reliabilities after what people said, each the mean of a beta distribution that began at what was set, and never farther from it
 * than MOST_LEARNED. "Right" counts for modalities that spoke for the emotion and against the others; "wrong" counts against
 * those that spoke for it, and of the others nothing is known. A verdict is taken back by leaving it out; their order is nothing.
 */
export function learnedReliability(set: Reliability, verdicts: readonly Feedback[]): Record<Modality, number> {
  const learned = { ...set };
  for (const modality of MODALITIES) {
    let [right, wrong] = [set[modality] * PRIOR, (1 - set[modality]) * PRIOR];
    for (const { verdict, said } of verdicts) {
      for (const each of said) {
        if (each.modality !== modality || verdict === 'not_now') continue;
        if (verdict === 'right' && each.agrees) right += each.weight;
        else if (verdict === 'right' || each.agrees) wrong += each.weight;
      }
    }
    const least = Math.min(set[modality], Math.max(LEAST, set[modality] - MOST_LEARNED));
    const most = Math.max(set[modality], Math.min(MOST, set[modality] + MOST_LEARNED));
    learned[modality] = Math.min(most, Math.max(least, right / (right + wrong)));
  }
  return learned;
}

/** -1..1: how welcome a scene was when the mood brought it. 0: nobody said. */
export function scenePreference(scene: string, verdicts: readonly Feedback[]): number {
  const about = verdicts.filter((each) => each.scene === scene && each.verdict !== 'wrong');
  const sum = about.reduce((total, { verdict }) => total + (verdict === 'right' ? 1 : -1), 0);
  return sum / (about.length + INDIFFERENCE);
}

/** Whether the mood may ask for a scene in the room of these verdicts. @param now epoch ms */
export function isWelcome(scene: string, { verdicts, now }: { verdicts: readonly Feedback[]; now: number }): boolean {
  const resting = verdicts.some((each) => each.scene === scene && each.verdict === 'not_now' && now - each.at < NOT_NOW);
  return !resting && scenePreference(scene, verdicts) > UNWANTED;
}
