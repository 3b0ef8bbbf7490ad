// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a policy

import { z } from 'zod';
import { MODES, type Mode } from '../api/mode.ts';
import { MOOD_LABELS, type Mood, type MoodLabel } from '../mood/mood.ts';
import type { Calendar } from './calendar.ts';
import { type Day, type DayWindow, daysSchema, windowSchema } from './daytime.ts';
import { type Then, thenSchema } from './then.ts';

export interface Conditions {
  mood?: MoodLabel[] | undefined;
  /** 0..100 */
  stressAbove?: number | undefined;
  stressBelow?: number | undefined;
  hiddenStress?: boolean | undefined;
  occupancy?: boolean | undefined;
  /** Lux */
  illuminanceBelow?: number | undefined;
  illuminanceAbove?: number | undefined;
  time?: DayWindow | undefined;
  days?: Day[] | undefined;
  mode?: Mode[] | undefined;
}

/** One rule: while `when` holds, the room's mood asks for a scene. */
export interface Policy {
  /** All that is given must hold. */
  when: Conditions;
  then: Then;
  /** ms that `when` must hold before the rule acts. */
  for: number;
  /** ms after the rule last acted in which it does not act anew. */
  cooldown: number;
}

const label = z.enum(MOOD_LABELS);
const mode = z.enum(MODES);
const percent = z.number().min(0).max(100);
const lux = z.number().min(0);

/** Schema of one rule; how durations are written is the configuration's affair. */
export function policySchema(duration: z.ZodType<number, string>) {
  return z.strictObject({
    when: z
      .strictObject({
        mood: z
          .union([label.transform((one) => [one]), z.array(label).min(1)])
          .optional()
          .meta({ description: 'A mood, or a list of moods of which one must be there.' }),
        stressAbove: percent.optional().meta({ description: 'Stress, 0 to 100, that must be exceeded.' }),
        stressBelow: percent.optional().meta({ description: 'Stress, 0 to 100, that must not be reached.' }),
        hiddenStress: z.boolean().optional().meta({ description: 'Whether signs of stress must contradict the mood that is shown.' }),
        occupancy: z.boolean().optional().meta({ description: 'Whether somebody must be known to be there.' }),
        illuminanceBelow: lux.optional().meta({ description: 'Lux that the light sensors of the room must stay below.' }),
        illuminanceAbove: lux.optional().meta({ description: 'Lux that they must exceed.' }),
        time: windowSchema.optional().meta({ description: 'Part of the day.' }),
        days: daysSchema.optional().meta({ description: 'Days of the week.' }),
        mode: z
          .union([mode.transform((one) => [one]), z.array(mode).min(1)])
          .optional()
          .meta({ description: 'A mode of the room, or a list of which one must be set.' }),
      })
      .refine((when) => when.stressAbove === undefined || when.stressBelow === undefined || when.stressAbove < when.stressBelow, {
        error: 'no stress is above stressAbove and below stressBelow: this rule could never act',
        path: ['stressBelow'],
      })
      .refine(
        (when) =>
          when.illuminanceAbove === undefined || when.illuminanceBelow === undefined || when.illuminanceAbove < when.illuminanceBelow,
        { error: 'no light is above illuminanceAbove and below illuminanceBelow: this rule could never act', path: ['illuminanceBelow'] },
      )
      .meta({ description: 'All conditions given must hold.' }),
    then: thenSchema,
    for: duration.prefault('0s').meta({ description: 'How long the conditions must hold first.' }),
    cooldown: duration.prefault('0s').meta({ description: 'How long after it acted the rule does not act anew.' }),
  });
}

const rule = (mood: MoodLabel, scene: string): Policy => ({ when: { mood: [mood] }, then: { scene, intensity: 100 }, for: 0, cooldown: 0 });

/**
 * What a mood asks for where nothing else is configured: relief from strain, a lift out of gloom, and light that goes along with
 * a mood that is fine as it is. docs/ambience.md says why.
 */
export const DEFAULT_POLICIES: readonly Policy[] = [
  rule('tense', 'soothe'),
  rule('low', 'cheer'),
  rule('cheerful', 'energise'),
  rule('calm', 'calm'),
  rule('neutral', 'neutral'),
];

/** What rules are judged by. */
export interface Situation {
  mood: Mood;
  mode: Mode;
  /** Lux, null where nobody measures. */
  illuminance: number | null;
  calendar: Calendar;
}

/** Follows one room: which rule acts. The first of the list that may act wins. */
export class PolicyState {
  readonly policies: readonly Policy[];
  /** Since when each rule's conditions hold: ms of CLOCK_MONOTONIC. */
  readonly #since = new Map<Policy, number>();
  readonly #lastActed = new Map<Policy, number>();
  #acting: Policy | null = null;

  constructor(policies: readonly Policy[]) {
    this.policies = policies;
  }

  /** The rule that acts as things stand. */
  get acting(): Policy | null {
    return this.#acting;
  }

  /**
   * Takes in how things are. A rule that acts goes on until another may act, or until no rule's conditions hold.
   * @param now ms of CLOCK_MONOTONIC
   */
  follow(situation: Situation, now: number): Policy | null {
    let ready: Policy | undefined;
    let anyHolds = false;
    for (const policy of this.policies) {
      if (!this.#holds(policy, situation, now)) continue;
      anyHolds = true;
      if (!ready && this.#mayAct(policy, now)) ready = policy;
    }
    if (ready) this.#acting = ready;
    else if (!anyHolds) this.#acting = null;
    if (this.#acting) this.#lastActed.set(this.#acting, now);
    return this.#acting;
  }

  /** Nobody is there, or the room's mode says to leave it alone. */
  release(): void {
    this.#acting = null;
    this.#since.clear();
  }

  #holds(policy: Policy, situation: Situation, now: number): boolean {
    const holds = whatFails(policy.when, situation, this.#since.has(policy)) === null;
    if (!holds) this.#since.delete(policy);
    else if (!this.#since.has(policy)) this.#since.set(policy, now);
    return holds;
  }

  #mayAct(policy: Policy, now: number): boolean {
    if (policy === this.#acting) return true;
    const rested = now - (this.#lastActed.get(policy) ?? Number.NEGATIVE_INFINITY) >= policy.cooldown;
    return rested && now - (this.#since.get(policy) ?? now) >= policy.for;
  }
}

/** How far back over its threshold a number must come before a rule that holds no longer does: else lamps would flap. */
const DEAD_BAND = { stress: 5, illuminance: 0.25 } as const;

/**
 * The first condition that does not hold; null where all do.
 * @param held whether the rule held so far, which gives numbers their dead band
 */
export function whatFails(when: Conditions, { mood, mode, illuminance, calendar }: Situation, held: boolean): keyof Conditions | null {
  const slack = held ? DEAD_BAND.stress : 0;
  const lightSlack = held ? DEAD_BAND.illuminance : 0;
  if (when.mood && !when.mood.includes(mood.label)) return 'mood';
  if (when.stressAbove !== undefined && mood.stress <= when.stressAbove - slack) return 'stressAbove';
  if (when.stressBelow !== undefined && mood.stress >= when.stressBelow + slack) return 'stressBelow';
  if (when.hiddenStress !== undefined && when.hiddenStress !== mood.hiddenStress) return 'hiddenStress';
  // In an empty room nobody wishes for anything, unless the rule is made for it.
  if (when.occupancy === undefined ? mood.occupancy === false : when.occupancy !== mood.occupancy) return 'occupancy';
  const { illuminanceBelow: below, illuminanceAbove: above } = when;
  if (below !== undefined && !(illuminance !== null && illuminance < below * (1 + lightSlack))) return 'illuminanceBelow';
  if (above !== undefined && !(illuminance !== null && illuminance > above * (1 - lightSlack))) return 'illuminanceAbove';
  if (when.mode && !when.mode.includes(mode)) return 'mode';
  if (when.days && !(calendar.day && when.days.includes(calendar.day))) return 'days';
  if (when.time && !calendar.isWithin(when.time)) return 'time';
  return null;
}
