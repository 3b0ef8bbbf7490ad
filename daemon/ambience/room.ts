import { z } from 'zod';
import { MODES, type Mode } from '../api/mode.ts';
import type { StatePort } from '../api/ports.ts';
import type { Device, DeviceId } from '../devices/device.ts';
import type { Mood, MoodLabel } from '../mood/mood.ts';
import { withoutSwitching } from './arbiter.ts';
import type { Claim } from './claim.ts';
import { type Policy, PolicyState } from './policy.ts';
import { type Scene, sceneAttributes } from './scene.ts';

/** A room as the director needs it. */
export interface AmbienceRoom {
  id: string;
  name: string;
  devices: readonly DeviceId[];
  /** Empty: those of the house. */
  policies: readonly Policy[];
  /** Until a person chooses one. With `suggest`, the first scene they accept is the yes to `auto`. */
  defaultMode?: Mode;
}

export interface WishOptions {
  /** 0..1: a mood of less confidence changes nothing. */
  minConfidence: number;
  /** ms between two changes of scene that the mood brings about. */
  minBetween: number;
}

/** A scene that the mood asks for. */
interface Wish {
  scene: Scene;
  mood: MoodLabel;
  confidence: number;
  placedAt: number;
  trigger: string | undefined;
}

const keptSchema = z.object({ mode: z.enum(MODES).optional(), ambience: z.boolean(), scene: z.string().nullable() });

type Kept = z.infer<typeof keptSchema>;

/** One room: what people chose for it, which is on disk when a setter returns, and what its mood asks for. */
export class RoomAmbience {
  readonly spec: AmbienceRoom;
  readonly #state: StatePort;
  readonly #options: WishOptions;
  readonly #policy: PolicyState;
  #kept: Kept;
  #mood: Mood | null = null;
  #wish: Wish | null = null;
  /** ms of CLOCK_MONOTONIC */
  #wishedAt = Number.NEGATIVE_INFINITY;

  /** @param before the same room under an older configuration: its wish goes on, and its dwell if the policies are the same */
  constructor(
    spec: AmbienceRoom,
    {
      policies,
      state,
      options,
      before,
    }: { policies: readonly Policy[]; state: StatePort; options: WishOptions; before?: RoomAmbience | undefined },
  ) {
    this.spec = spec;
    this.#state = state;
    this.#options = options;
    this.#kept = state.get(key(spec.id), keptSchema) ?? { ambience: true, scene: null };
    const same = before && JSON.stringify(before.#policy.policies) === JSON.stringify(policies);
    this.#policy = same ? before.#policy : new PolicyState(policies);
    if (!before) return;
    this.#mood = before.#mood;
    this.#wish = before.#wish;
    this.#wishedAt = before.#wishedAt;
  }

  get mode(): Mode {
    return this.#kept.mode ?? this.spec.defaultMode ?? 'auto';
  }

  /** Nobody has chosen a mode yet, and the scene is the one on offer: to take it is to let the room act from now on. */
  isFirstYes(scene: string | null): boolean {
    return this.#kept.mode === undefined && this.mode === 'suggest' && scene !== null && scene === this.moodScene;
  }

  get ambience(): boolean {
    return this.#kept.ambience;
  }

  /** The scene a person chose. */
  get scene(): string | null {
    return this.#kept.scene;
  }

  /** The scene the mood asks for. */
  get moodScene(): string | null {
    return this.#wish?.scene.id ?? null;
  }

  keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#state.set(key(this.spec.id), this.#kept);
  }

  observe(mood: Mood): void {
    this.#mood = mood;
  }

  /** Nothing is known of the mood any more: it wishes nothing. */
  forget(): void {
    this.#mood = null;
  }

  /** Lets the wish follow mood, mode and policy. @returns whether it changed */
  follow(scenes: ReadonlyMap<string, Scene>, now: { mono: number; wall: number }): boolean {
    const asked = this.#asked(now.mono);
    const scene = (asked && scenes.get(asked)) || null;
    if (scene === (this.#wish?.scene ?? null)) return false;
    const edited = scene?.id === this.#wish?.scene.id;
    if (scene && !edited && now.mono - this.#wishedAt < this.#options.minBetween) return false;
    if (!edited) this.#wishedAt = now.mono;
    this.#wish = scene && this.#mood && { ...wishFor(scene, this.#mood), placedAt: now.wall };
    return true;
  }

  /** What the mood wishes of a device of this room; nothing unless the room is left to it. */
  claimOn(device: Device): Claim | undefined {
    const wish = this.#wish;
    if (!wish || this.mode !== 'auto' || !this.ambience) return undefined;
    const { scene, mood, confidence, placedAt, trigger } = wish;
    return {
      id: `mood:${this.spec.id}:${device.id}`,
      device: device.id,
      attributes: withoutSwitching(sceneAttributes(scene, device)),
      rung: 'mood',
      owner: { kind: 'system', name: 'mood' },
      room: this.spec.id,
      confidence,
      transition: scene.transition,
      placedAt,
      reason: { code: 'reason.mood', params: { scene: scene.name, mood } },
      ...(trigger === undefined ? {} : { trigger }),
    };
  }

  /** Without enough evidence things stay as they are; in an empty room, and in a mode that does not ask, the wish ends. */
  #asked(now: number): string | null {
    const mood = this.#mood;
    const asks = this.mode === 'auto' || this.mode === 'suggest';
    if (!mood || !asks || mood.occupancy === false) this.#policy.release();
    else if (mood.confidence >= this.#options.minConfidence) this.#policy.follow(mood, now);
    return this.#policy.scene;
  }
}

const key = (room: string): string => `ambience.room/${room}`;

function wishFor(scene: Scene, { label, confidence, trigger }: Mood): Omit<Wish, 'placedAt'> {
  return { scene, mood: label, confidence, trigger };
}
