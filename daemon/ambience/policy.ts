// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration; nobody awaits a policy

import { z } from 'zod';
import { MOOD_LABELS, type Mood, type MoodLabel } from '../mood/mood.ts';
import { idSchema } from '../mood/observation.ts';

/** One rule: while `when` holds, the room's mood asks for a scene. */
export interface Policy {
  /** All that is given must hold. */
  when: {
    mood?: MoodLabel[] | undefined;
    /** 0..100 */
    stressAbove?: number | undefined;
    occupancy?: boolean | undefined;
  };
  then: { scene: string };
  /** ms that `when` must hold before the rule acts. */
  for: number;
  /** ms after the rule last acted in which it does not act anew. */
  cooldown: number;
}

const label = z.enum(MOOD_LABELS);

/** Schema of one rule; how durations are written is the configuration's affair. */
export function policySchema(duration: z.ZodType<number, string>) {
  return z.strictObject({
    when: z
      .strictObject({
        mood: z
          .union([label.transform((one) => [one]), z.array(label).min(1)])
          .optional()
          .meta({ description: 'A mood, or a list of moods of which one must be there.' }),
        stressAbove: z.number().min(0).max(100).optional().meta({ description: 'Stress, 0 to 100, that must be exceeded.' }),
        occupancy: z.boolean().optional().meta({ description: 'Whether somebody must be known to be there.' }),
      })
      .meta({ description: 'All conditions given must hold.' }),
    then: z.strictObject({ scene: idSchema.meta({ description: 'Scene that is asked for.' }) }),
    for: duration.prefault('0s').meta({ description: 'How long the conditions must hold first.' }),
    cooldown: duration.prefault('0s').meta({ description: 'How long after it acted the rule does not act anew.' }),
  });
}

const rule = (mood: MoodLabel, scene: string): Policy => ({ when: { mood: [mood] }, then: { scene }, for: 0, cooldown: 0 });

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

/** Follows the moods of one room: which rule acts. The first of the list that may act wins. */
export class PolicyState {
  readonly policies: readonly Policy[];
  /** Since when each rule's conditions hold: ms of CLOCK_MONOTONIC. */
  readonly #since = new Map<Policy, number>();
  readonly #lastActed = new Map<Policy, number>();
  #acting: Policy | null = null;

  constructor(policies: readonly Policy[]) {
    this.policies = policies;
  }

  /** The scene asked for as things stand. */
  get scene(): string | null {
    return this.#acting?.then.scene ?? null;
  }

  /**
   * Takes a mood in. A rule that acts goes on until another may act, or until no rule's conditions hold.
   * @param now ms of CLOCK_MONOTONIC
   */
  follow(mood: Mood, now: number): string | null {
    const holding = this.policies.filter((policy) => this.#holds(policy, mood, now));
    const ready = holding.find((policy) => this.#mayAct(policy, now));
    if (ready) this.#acting = ready;
    else if (holding.length === 0) this.#acting = null;
    if (this.#acting) this.#lastActed.set(this.#acting, now);
    return this.scene;
  }

  /** Nobody is there, or the room's mode says to leave it alone. */
  release(): void {
    this.#acting = null;
    this.#since.clear();
  }

  #holds(policy: Policy, mood: Mood, now: number): boolean {
    const holds = matches(policy, mood);
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

function matches({ when }: Policy, mood: Mood): boolean {
  if (when.mood && !when.mood.includes(mood.label)) return false;
  if (when.stressAbove !== undefined && mood.stress <= when.stressAbove) return false;
  return when.occupancy === undefined || when.occupancy === mood.occupancy;
}
