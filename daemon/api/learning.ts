import type { BodyReading, Measure } from '../mood/body.ts';
import type { Feedback } from '../mood/feedback.ts';
import type { Modality } from '../mood/observation.ts';
import type { Verdict } from '../mood/verdict.ts';
import type { Actor } from './actor.ts';

/** What came of one message of a wearable. */
export interface BodyView {
  wearer: string;
  /** Null while what is ordinary for the wearer is being learned. */
  reading: BodyReading | null;
}

/** What is kept of a wearer: how much of the ordinary is known, never the values. */
export interface WearerView {
  wearer: string;
  baseline: { measure: Measure; values: number; newest: number }[];
}

/** One verdict of somebody, and what it does. */
export interface FeedbackEntry extends Omit<Feedback, 'room' | 'said'> {
  /** What taking it back would undo. */
  effects: { modality: Modality; change: number }[];
}

/** All that people said of a room's moods, and what was learned from it. */
export interface FeedbackView {
  /** Newest first. */
  entries: FeedbackEntry[];
  reliability: { modality: Modality; set: number; learned: number }[];
  scenes: {
    scene: string;
    /** -1..1 */
    preference: number;
    /** Whether the mood may ask for it now. */
    welcome: boolean;
    /** Epoch ms; null where it does not rest. */
    restsUntil: number | null;
  }[];
}

/** What people say of moods. */
export interface HubFeedback {
  /**
   * Says of a room's mood that it is right, wrong, or that its scene does not suit now.
   * @throws RoomtoneError `api.unknown_room`, `feedback.no_mood`
   */
  say(actor: Actor, room: string, verdict: Verdict): FeedbackView;
  /** Takes a verdict back, as if it had never been given. @throws RoomtoneError `api.unknown_room`, `feedback.unknown` */
  takeBack(actor: Actor, room: string, id: string): FeedbackView;
  /** @throws RoomtoneError `api.unknown_room` */
  view(room: string): FeedbackView;
}

/** What wearables send. */
export interface HubWearables {
  /**
   * Reads what a wearable measured. Like a message to a room it is not audited; of it the wearer's baseline is kept, and nothing else.
   * @param sample as it came
   * @throws RoomtoneError `api.unknown_room`, `body.*`
   */
  submit(room: string, sample: unknown): BodyView;
  list(): WearerView[];
  /** Forgets what is ordinary for a wearer. @throws RoomtoneError `body.unknown_wearer` */
  forget(actor: Actor, wearer: string): void;
}
