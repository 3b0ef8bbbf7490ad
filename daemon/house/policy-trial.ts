import { calendarOf, roomPlans } from '../ambience/configuration.ts';
import { type Conditions, whatFails } from '../ambience/policy.ts';
import type { Asked, RoomPlan } from '../ambience/room.ts';
import type { Mood } from '../mood/mood.ts';
import type { ReplayHouse } from './replay.ts';

/** Something that policies would have done. */
export interface TrialLine {
  /** ms of the log's clock */
  at: number;
  room: string;
  asked: Asked | null;
}

/** What became of one rule in one room. */
export interface RuleTally {
  scene: string;
  /** Times that it began to act. */
  acted: number;
  /** ms in which it acted. */
  inForce: number;
  /** Moods that it was held against, and how many of them each condition was the first to fail. */
  moods: number;
  failed: Partial<Record<keyof Conditions, number>>;
}

export interface RoomTally {
  room: string;
  rules: RuleTally[];
  changes: number;
  commands: number;
}

/** Keeps account of what policies do while a log is replayed. */
export class PolicyTrial {
  readonly #plans: Map<string, RoomPlan>;
  readonly #calendar: ReturnType<typeof calendarOf>;
  readonly #tallies = new Map<string, RoomTally>();
  readonly #moods = new Map<string, Mood>();
  readonly #asked = new Map<string, { asked: Asked; since: number }>();

  constructor({ ambience }: ReplayHouse) {
    const plans = roomPlans(ambience);
    this.#calendar = calendarOf(ambience);
    this.#plans = new Map(plans.map((plan) => [plan.id, plan]));
    for (const { id, policies } of plans) {
      const rules = policies.map(({ then: { scene } }) => ({ scene, acted: 0, inForce: 0, moods: 0, failed: {} }));
      this.#tallies.set(id, { room: id, rules, changes: 0, commands: 0 });
    }
  }

  /** The latest of the room. */
  mood(room: string): Mood | undefined {
    return this.#moods.get(room);
  }

  onMood(mood: Mood): void {
    this.#moods.set(mood.room, mood);
    this.#calendar.moveTo(mood.at);
    const plan = this.#plans.get(mood.room);
    for (const [index, { when }] of plan?.policies.entries() ?? []) {
      const rule = this.#tallies.get(mood.room)?.rules[index];
      if (!rule) continue;
      const failing = whatFails(when, { mood, mode: 'auto', illuminance: null, calendar: this.#calendar }, false);
      rule.moods += 1;
      if (failing) rule.failed[failing] = (rule.failed[failing] ?? 0) + 1;
    }
  }

  onCommand(device: string): void {
    for (const { id, devices } of this.#plans.values()) {
      const tally = this.#tallies.get(id);
      if (tally && devices.some((each) => each === device)) tally.commands += 1;
    }
  }

  /** @returns what is worth telling; null where nothing changed */
  onAsked({ at, room, asked }: { at: number; room: string; asked: Asked | null }): TrialLine | null {
    const before = this.#asked.get(room);
    if (JSON.stringify(before?.asked ?? null) === JSON.stringify(asked)) return null;
    this.#close(room, at);
    const tally = this.#tallies.get(room);
    if (tally) tally.changes += 1;
    if (asked) {
      this.#asked.set(room, { asked, since: at });
      const rule = asked.rule === null ? undefined : tally?.rules[asked.rule];
      if (rule) rule.acted += 1;
    }
    return { at, room, asked };
  }

  /** @param at ms of the log's clock at its end */
  end(at: number): RoomTally[] {
    for (const room of [...this.#asked.keys()]) this.#close(room, at);
    return [...this.#tallies.values()];
  }

  #close(room: string, at: number): void {
    const before = this.#asked.get(room);
    this.#asked.delete(room);
    const rule = before?.asked.rule === null ? undefined : this.#tallies.get(room)?.rules[before?.asked.rule ?? -1];
    if (rule && before) rule.inForce += at - before.since;
  }
}
