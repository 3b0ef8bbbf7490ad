import { EventEmitter } from 'node:events';
import type { Clock, Timer } from '../api/clock.ts';
import type { Mood } from '../mood/mood.ts';
import type { Observation } from '../mood/observation.ts';
import { MOOD_DEFAULTS, type Moment, type MoodOptions, RoomMood } from '../mood/room-mood.ts';

/** How the mood of one room is made. */
export interface MoodRoom {
  id: string;
  /** ms */
  smoothing: number;
  /** ms */
  dwell: number;
}

/** How far each modality is trusted in a room. */
export type Trusted = (room: string) => MoodOptions['reliability'];

interface Kept {
  room: MoodRoom;
  keeper: RoomMood;
  latest: Mood | null;
  /** Whether what was observed is a recording. */
  demo: boolean;
  /** Whether anything was ever observed: a room that nothing senses has no mood. */
  observed: boolean;
}

const TICK = 1000;

/** ms: a mood that stays as it is is told again this seldom, so that a quiet house is quiet. */
const KEEP_ALIVE = 60_000;

/** A mood older than this (ms of wall time) says nothing about the people there now. */
const RESUMED_WITHIN = 10 * 60_000;

/** The moods of all rooms: feeds them observations and lets time pass. */
export class RoomMoods {
  readonly events = new EventEmitter<{ mood: [Mood] }>();
  readonly #clock: Clock;
  readonly #options: Partial<MoodOptions>;
  readonly #recall: (room: string) => Mood | undefined;
  readonly #trusted: Trusted;
  readonly #rooms = new Map<string, Kept>();
  #timer: Timer | undefined;

  /** `recall`: the mood that a room had last, from before the start too. */
  constructor(options: { clock: Clock; recall: (room: string) => Mood | undefined; trusted?: Trusted; mood?: Partial<MoodOptions> }) {
    this.#clock = options.clock;
    this.#recall = options.recall;
    this.#options = options.mood ?? {};
    this.#trusted = options.trusted ?? (() => MOOD_DEFAULTS.reliability);
  }

  start(): void {
    this.#timer ??= this.#clock.every(TICK, () => this.#tick());
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A room whose making did not change keeps its mood. */
  configure(rooms: readonly MoodRoom[]): void {
    const wanted = new Set(rooms.map((room) => room.id));
    for (const id of this.#rooms.keys()) if (!wanted.has(id)) this.#rooms.delete(id);
    for (const room of rooms) {
      const kept = this.#rooms.get(room.id);
      if (kept && sameMaking(kept.room, room)) {
        kept.keeper.trust(this.#trusted(room.id));
        continue;
      }
      this.#rooms.set(room.id, this.#make(room, { resume: this.#lately(room.id) }));
    }
  }

  /** `demo`: it was recorded. A recording and what is really there never make one mood together. */
  observe(observation: Observation, { demo = false }: { demo?: boolean } = {}): void {
    const before = this.#rooms.get(observation.room);
    if (!before) return;
    const kept = before.demo === demo ? before : this.#make(before.room, { demo });
    this.#rooms.set(observation.room, kept);
    kept.observed = true;
    this.#publish(kept, kept.keeper.observe(observation, this.#now()));
  }

  /** The source went: what it said last must not linger. */
  forget(room: string, source: string): void {
    this.#rooms.get(room)?.keeper.forget(source);
  }

  /** Nothing senses the room any more: it has no mood until something does. */
  end(room: string): void {
    const kept = this.#rooms.get(room);
    if (kept) this.#rooms.set(room, this.#make(kept.room));
  }

  /** How far modalities are trusted in this room has changed. */
  trust(room: string): void {
    this.#rooms.get(room)?.keeper.trust(this.#trusted(room));
  }

  /** Null until something was observed in the room. */
  mood(room: string): Mood | null {
    return this.#rooms.get(room)?.latest ?? null;
  }

  #make(room: MoodRoom, { demo = false, resume }: { demo?: boolean; resume?: Mood | undefined } = {}): Kept {
    const { id, smoothing, dwell } = room;
    const keeper = new RoomMood({
      room: id,
      options: { reliability: this.#trusted(id), ...this.#options, smoothing, dwell, demo },
      ...(resume && { resume }),
    });
    return { room, keeper, latest: null, demo, observed: false };
  }

  /** So that a restart does not send the lamps of a cheerful room through the neutral scene first. */
  #lately(room: string): Mood | undefined {
    const mood = this.#recall(room);
    return mood && this.#clock.wall() - mood.at < RESUMED_WITHIN ? mood : undefined;
  }

  #tick(): void {
    for (const kept of this.#rooms.values()) {
      if (!kept.observed) continue;
      const mood = kept.keeper.tick(this.#now());
      if (!kept.latest || Math.abs(mood.at - kept.latest.at) >= KEEP_ALIVE || !isSame(kept.latest, mood)) this.#publish(kept, mood);
    }
  }

  #publish(kept: Kept, mood: Mood): void {
    kept.latest = mood;
    this.events.emit('mood', mood);
  }

  #now(): Moment {
    return { mono: this.#clock.mono(), wall: this.#clock.wall() };
  }
}

const sameMaking = (a: MoodRoom, b: MoodRoom): boolean => a.smoothing === b.smoothing && a.dwell === b.dwell;

/** Whether nothing differs that anybody would notice: numbers to a hundredth. What a mood is made of changes with observations alone. */
function isSame(a: Mood, b: Mood): boolean {
  const facts = (['label', 'emotion', 'occupancy', 'people', 'hiddenStress'] as const).every((key) => a[key] === b[key]);
  return (
    facts && (['valence', 'arousal', 'confidence'] as const).every((key) => near(a[key], b[key])) && near(a.stress / 100, b.stress / 100)
  );
}

const near = (a: number, b: number): boolean => Math.round(a * 100) === Math.round(b * 100);
