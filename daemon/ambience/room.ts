import { z } from 'zod';
import { MODES, type Mode } from '../api/mode.ts';
import type { StatePort } from '../api/ports.ts';
import type { SuggestionView } from '../api/views.ts';
import type { Attributes, Device, DeviceId } from '../devices/device.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import { withoutSwitching } from './arbiter.ts';
import type { Calendar } from './calendar.ts';
import type { Claim } from './claim.ts';
import type { Limits } from './limits.ts';
import { type Policy, PolicyState } from './policy.ts';
import { atIntensity, NEUTRAL_SCENE, type Scene, SLEEP_SCENE, sceneAttributes, transitionOf } from './scene.ts';
import { inForce, type Schedule } from './schedule.ts';

/** How long what a hand changed is left alone: ms, or until something happens. */
export type HoldLength = number | 'until-empty' | 'until-sleep';

/** A room with all that the house gives it filled in. */
export interface RoomPlan {
  id: string;
  name: string;
  devices: readonly DeviceId[];
  scenes: ReadonlyMap<string, Scene>;
  policies: readonly Policy[];
  schedules: readonly Schedule[];
  limits: Limits;
  hold: HoldLength;
  /** How much its claims count where they are blended with those of other rooms. */
  weight: number;
  /** Until a person chooses one. With `suggest`, the first scene they accept is the yes to `auto`. */
  defaultMode: Mode;
}

/** A scene that the mood or the clock asks for. */
interface Wish {
  scene: Scene;
  /** 0..100 % */
  intensity: number;
  placedAt: number;
}

interface MoodWish extends Wish {
  mood: MoodLabel;
  confidence: number;
  trigger: string | undefined;
}

/** A scene that is asked for, and what asks for it. */
export interface Asked {
  scene: string;
  /** 0..100 % */
  intensity: number;
  by: 'mood' | 'schedule';
  /** Place in the list of policies; null for a schedule. */
  rule: number | null;
}

/** What following the mood or the clock came to: nothing, another scene, or, by a rule's own end, none any more. */
export type Followed = 'same' | 'changed' | 'ended';

export interface RoomOptions {
  state: StatePort;
  /** 0..1: a mood of less confidence changes nothing. */
  minConfidence: number;
  /** Whether the mood may ask for a scene in a room: people may have said that they do not want it. */
  isWelcome: (room: string, scene: string) => boolean;
  before?: RoomAmbience | undefined;
}

const keptSchema = z.object({
  mode: z.enum(MODES).optional(),
  ambience: z.boolean(),
  scene: z.string().nullable(),
  /** 0..100 % */
  intensity: z.number().default(100),
});

type Kept = z.infer<typeof keptSchema>;

/** Modes in which the room keeps an eye on what its mood asks for. */
const WISHING: readonly Mode[] = ['auto', 'suggest', 'paused'];

/** One room: what people chose for it, which is on disk when a setter returns, and what its mood and the clock ask for. */
export class RoomAmbience {
  readonly plan: RoomPlan;
  readonly #state: StatePort;
  readonly #minConfidence: number;
  readonly #isWelcome: (room: string, scene: string) => boolean;
  /** What people said of scenes, until they say more or another minute begins. */
  readonly #welcome = new Map<string, boolean>();
  readonly #policy: PolicyState;
  #kept: Kept;
  #mood: Mood | null = null;
  #illuminance: number | null = null;
  #wish: MoodWish | null = null;
  #scheduled: Wish | null = null;

  /** @param before the same room under an older configuration: its wish goes on, and its dwell if the policies are the same */
  constructor(plan: RoomPlan, { state, minConfidence, isWelcome, before }: RoomOptions) {
    this.plan = plan;
    this.#state = state;
    this.#minConfidence = minConfidence;
    this.#isWelcome = isWelcome;
    this.#kept = state.get(key(plan.id), keptSchema) ?? { ambience: true, scene: null, intensity: 100 };
    const isSame = before !== undefined && JSON.stringify(before.plan.policies) === JSON.stringify(plan.policies);
    this.#policy = isSame ? before.#policy : new PolicyState(plan.policies);
    if (!before) return;
    this.#mood = before.#mood;
    this.#illuminance = before.#illuminance;
    this.#wish = before.#wish;
    this.#scheduled = before.#scheduled;
  }

  get mode(): Mode {
    return this.#kept.mode ?? this.plan.defaultMode;
  }

  /** Nobody has chosen a mode yet, and the scene is the one on offer: to take it is to let the room act from now on. */
  isFirstYes(scene: string | null): boolean {
    return this.#kept.mode === undefined && this.mode === 'suggest' && scene !== null && scene === this.suggestion?.scene;
  }

  get ambience(): boolean {
    return this.#kept.ambience;
  }

  get intensity(): number {
    return this.#kept.intensity;
  }

  /** The scene a person chose. */
  get scene(): string | null {
    return this.#kept.scene;
  }

  /** The scene the mood asks for, whether it is heard or only offered. */
  get moodScene(): string | null {
    return this.mode === 'paused' ? null : (this.#wish?.scene.id ?? null);
  }

  get suggestion(): SuggestionView | null {
    if (this.mode !== 'suggest') return null;
    const scene = this.#scheduled?.scene.id ?? (this.ambience ? this.#wish?.scene.id : undefined);
    if (scene === undefined || scene === this.scene) return null;
    return { scene, by: this.#scheduled ? 'schedule' : 'mood' };
  }

  /** What is asked for as things stand, and by which rule of the list. */
  get asked(): Asked | null {
    if (this.#scheduled) return { scene: this.#scheduled.scene.id, intensity: this.#scheduled.intensity, by: 'schedule', rule: null };
    const acting = this.#policy.acting;
    if (!this.#wish || !acting) return null;
    return { scene: this.#wish.scene.id, intensity: this.#wish.intensity, by: 'mood', rule: this.plan.policies.indexOf(acting) };
  }

  /** Whether it is known that nobody is there. */
  get isEmpty(): boolean {
    return this.#mood?.occupancy === false;
  }

  /** Somebody, or the clock, put the room to sleep. */
  get isAsleep(): boolean {
    return [this.scene, this.#scheduled?.scene.id, this.moodScene].includes(SLEEP_SCENE);
  }

  keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#state.set(key(this.plan.id), this.#kept);
  }

  observe(mood: Mood): void {
    this.#mood = mood;
  }

  /** Lux */
  observeLight(illuminance: number | null): void {
    this.#illuminance = illuminance;
  }

  /** Nothing is known of the mood any more: it wishes nothing. */
  forget(): void {
    this.#mood = null;
  }

  /** Lets the wish follow mood, light, mode and policy. */
  follow({ mono, wall }: { mono: number; wall: number }, calendar: Calendar): Followed {
    const asked = this.#asked(mono, calendar);
    const scene = (asked && this.#wanted(asked.then.scene)) || null;
    const intensity = ((asked?.then.intensity ?? 100) * this.intensity) / 100;
    const before = this.#wish;
    if (scene === (before?.scene ?? null) && (!before || intensity === before.intensity)) return 'same';
    this.#wish = scene && this.#mood && { ...moodWish(scene, this.#mood), intensity, placedAt: wall };
    return this.#wish || this.#isResting ? 'changed' : 'ended';
  }

  /** People said something of a scene, or time has passed since they did. */
  reconsider(): void {
    this.#welcome.clear();
  }

  #wanted(scene: string): Scene | undefined {
    const isWelcome = this.#welcome.get(scene) ?? this.#isWelcome(this.plan.id, scene);
    this.#welcome.set(scene, isWelcome);
    return isWelcome ? this.plan.scenes.get(scene) : undefined;
  }

  /** Lets the wish follow the clock. To be called when another minute begins. */
  followClock(calendar: Calendar): Followed {
    this.reconsider();
    const now = inForce(this.plan.schedules, calendar);
    const scene = (now && this.plan.scenes.get(now.schedule.then.scene)) || null;
    const before = this.#scheduled;
    const intensity = now?.schedule.then.intensity ?? 100;
    if (scene === (before?.scene ?? null) && (!before || intensity === before.intensity)) return 'same';
    this.#scheduled = scene && now && { scene, intensity, placedAt: now.since };
    return this.#scheduled ? 'changed' : 'ended';
  }

  /**
   * What clock and mood wish of a device of this room, whether or not its mode lets them act.
   * @param base what was set on the device before any scene
   */
  claimsOn(device: Device, base: Attributes): Claim[] {
    const claims: Claim[] = [];
    const clock = this.#scheduled && this.#claim(device, { wish: this.#scheduled, base, rung: 'schedule' });
    if (clock) claims.push({ ...clock, reason: { code: 'reason.schedule', params: { scene: this.#scheduled?.scene.name ?? '' } } });
    const wish = this.ambience ? this.#wish : null;
    const felt = wish && this.#claim(device, { wish, base, rung: 'mood' });
    if (wish && felt) {
      const reason = { code: 'reason.mood', params: { scene: wish.scene.name, mood: wish.mood } } as const;
      claims.push({ ...felt, confidence: wish.confidence, reason, ...(wish.trigger === undefined ? {} : { trigger: wish.trigger }) });
    }
    return claims;
  }

  #claim(device: Device, { wish, base, rung }: { wish: Wish; base: Attributes; rung: 'schedule' | 'mood' }): Omit<Claim, 'reason'> | null {
    const { scene, intensity, placedAt } = wish;
    const neutral = this.plan.scenes.get(NEUTRAL_SCENE);
    const full = sceneAttributes(scene, device, base);
    const attributes =
      neutral && intensity < 100 ? atIntensity(full, { neutral: sceneAttributes(neutral, device, base), intensity }) : full;
    const wished = rung === 'mood' ? withoutSwitching(attributes) : attributes;
    if (Object.keys(wished).length === 0) return null;
    return {
      id: `${rung}:${this.plan.id}:${device.id}`,
      device: device.id,
      attributes: wished,
      rung,
      owner: { kind: 'system', name: rung },
      room: this.plan.id,
      confidence: 1,
      weight: this.plan.weight,
      transition: transitionOf(scene, device),
      placedAt,
    };
  }

  /** Nobody is there, nothing is known, or the mode does not act: lamps stay as they are. */
  get #isResting(): boolean {
    return !this.#mood || this.isEmpty || this.mode !== 'auto';
  }

  /** Without enough evidence things stay as they are; in a mode that does not wish, the wish ends. */
  #asked(now: number, calendar: Calendar): Policy | null {
    const mood = this.#mood;
    if (!mood || !WISHING.includes(this.mode)) this.#policy.release();
    else if (this.isEmpty || mood.confidence >= this.#minConfidence) {
      this.#policy.follow({ mood, mode: this.mode, illuminance: this.#illuminance, calendar }, now);
    }
    return this.#policy.acting;
  }
}

const key = (room: string): string => `ambience.room/${room}`;

const moodWish = (scene: Scene, { label, confidence, trigger }: Mood) => ({ scene, mood: label, confidence, trigger });
