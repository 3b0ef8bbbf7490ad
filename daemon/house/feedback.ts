import { z } from 'zod';
import { type Actor, nameOf } from '../api/actor.ts';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { FeedbackEntry, FeedbackView, HubFeedback } from '../api/learning.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import {
  type Feedback,
  feedbackSchema,
  isWelcome,
  learnedReliability,
  NOT_NOW,
  type Reliability,
  saidBy,
  scenePreference,
} from '../mood/feedback.ts';
import type { Mood } from '../mood/mood.ts';
import { MODALITIES } from '../mood/observation.ts';
import type { Verdict } from '../mood/verdict.ts';

/** Verdicts that a room is learned from: the latest. */
const MOST = 100;

const key = (room: string): string => `mood.feedback/${room}`;

export interface FeedbackBookOptions {
  clock: Clock;
  state: StatePort;
  audit: AuditPort;
  /** @throws RoomtoneError `api.unknown_room` */
  room: (room: string) => { mood: Mood | null; moodScene: string | null };
  /** As the configuration sets them. */
  reliability: () => Reliability;
  /** What is learned of a room changed. */
  onLearned: (room: string, verdict: { verdict: Verdict; takenBack: boolean }) => void;
  /** @throws RoomtoneError `store.failed` */
  assertWritten: () => void;
}

/** Keeps what people said of moods, and says what is learned from it: computed anew each time, so that all of it can be taken back. */
export class FeedbackBook implements HubFeedback {
  readonly #the: FeedbackBookOptions;
  /** As on disk, by room. */
  readonly #kept = new Map<string, readonly Feedback[]>();

  constructor(options: FeedbackBookOptions) {
    this.#the = options;
  }

  /** Reliabilities in a room: those that are set, moved by what people said. */
  reliability(room: string): Reliability {
    return learnedReliability(this.#the.reliability(), this.#entries(room));
  }

  /** Whether the mood of a room may ask for a scene now. */
  isWelcome(room: string, scene: string): boolean {
    return isWelcome(scene, { verdicts: this.#entries(room), now: this.#the.clock.wall() });
  }

  say(actor: Actor, room: string, verdict: Verdict): FeedbackView {
    const { mood, moodScene } = this.#the.room(room);
    if (!mood || mood.demo || mood.contributions.length === 0) throw new RoomtoneError('feedback.no_mood', { params: { room } });
    const entries = this.#entries(room);
    const at = this.#the.clock.wall();
    const { emotion, label } = mood;
    const entry: Feedback = {
      id: `${Math.round(at).toString(36)}-${entries.length}`,
      ...{ at, room, actor: nameOf(actor), verdict, emotion, label, scene: moodScene, said: saidBy(mood) },
    };
    this.#keep(room, [...entries, entry].slice(-MOST));
    this.#note(actor, { action: 'feedback.given', room, verdict });
    return this.#learned(room, { verdict, takenBack: false });
  }

  takeBack(actor: Actor, room: string, id: string): FeedbackView {
    this.#the.room(room);
    const entries = this.#entries(room);
    const entry = entries.find((each) => each.id === id);
    if (!entry) throw new RoomtoneError('feedback.unknown', { params: { room } });
    this.#keep(
      room,
      entries.filter((each) => each !== entry),
    );
    this.#note(actor, { action: 'feedback.taken_back', room, verdict: entry.verdict });
    return this.#learned(room, { verdict: entry.verdict, takenBack: true });
  }

  view(room: string): FeedbackView {
    this.#the.room(room);
    const verdicts = this.#entries(room);
    const set = this.#the.reliability();
    const learned = learnedReliability(set, verdicts);
    const modalities = MODALITIES.filter((modality) => modality !== 'presence');
    return {
      entries: verdicts.map((entry) => shown(entry, { verdicts, set, learned })).reverse(),
      reliability: modalities.map((modality) => ({ modality, set: set[modality], learned: learned[modality] })),
      scenes: [...new Set(verdicts.flatMap(({ scene }) => scene ?? []))].map((scene) => this.#scene(scene, verdicts)),
    };
  }

  #scene(scene: string, verdicts: readonly Feedback[]): FeedbackView['scenes'][number] {
    const now = this.#the.clock.wall();
    const refused = verdicts.filter((each) => each.scene === scene && each.verdict === 'not_now').map(({ at }) => at + NOT_NOW);
    const until = Math.max(0, ...refused);
    return {
      scene,
      preference: scenePreference(scene, verdicts),
      welcome: isWelcome(scene, { verdicts, now }),
      restsUntil: until > now ? until : null,
    };
  }

  #learned(room: string, verdict: { verdict: Verdict; takenBack: boolean }): FeedbackView {
    this.#the.onLearned(room, verdict);
    this.#the.assertWritten();
    return this.view(room);
  }

  #entries(room: string): readonly Feedback[] {
    const kept = this.#kept.get(room) ?? this.#the.state.get(key(room), z.array(feedbackSchema)) ?? [];
    this.#kept.set(room, kept);
    return kept;
  }

  #keep(room: string, entries: readonly Feedback[]): void {
    this.#kept.set(room, entries);
    if (entries.length === 0) this.#the.state.delete(key(room));
    else this.#the.state.set(key(room), entries);
  }

  #note(actor: Actor, { action, room, verdict }: { action: string; room: string; verdict: Verdict }): void {
    this.#the.audit.record({ actor: nameOf(actor), action, subject: room, params: { verdict } });
  }
}

interface Lessons {
  verdicts: readonly Feedback[];
  set: Reliability;
  /** Of all the verdicts. */
  learned: Reliability;
}

/** A verdict, with what would be otherwise without it. */
function shown({ room: _, said: __, ...entry }: Feedback, { verdicts, set, learned }: Lessons): FeedbackEntry {
  const without = learnedReliability(
    set,
    verdicts.filter(({ id }) => id !== entry.id),
  );
  const effects = MODALITIES.map((modality) => ({ modality, change: learned[modality] - without[modality] }));
  return { ...entry, effects: effects.filter(({ change }) => Math.abs(change) > 1e-6) };
}
