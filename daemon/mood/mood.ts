import type { Emotion, Probabilities } from './emotion.ts';
import type { Modality } from './observation.ts';

/** Sustained moods, named by quadrant of the circumplex: cheerful (+v +a), tense (-v +a), low (-v -a), calm (+v -a). */
export const MOOD_LABELS = ['neutral', 'cheerful', 'tense', 'low', 'calm'] as const;

export type MoodLabel = (typeof MOOD_LABELS)[number];

export interface Contribution {
  source: string;
  modality: Modality;
  /** Share of this source in the fused distribution; all shares of a mood add up to 1. */
  weight: number;
  /** Whether the source by itself makes the mood's emotion likelier than chance. */
  agrees?: boolean;
}

export const STRESS_TERMS = ['arousal', 'displeasure', 'voice', 'words', 'body'] as const;

export type StressTermName = (typeof STRESS_TERMS)[number];

/** One part of stress. */
export interface StressTerm {
  term: StressTermName;
  /** 0..1 */
  value: number;
  /** Share in stress; all shares add up to 1. */
  weight: number;
}

/** A pleasant face, and what speaks against it. */
export interface Contradiction {
  shown: { source: string; modality: Modality };
  told: { source: string; modality: Modality };
  by: 'strain' | 'words';
  /** 0..1 */
  strength: number;
}

/** What the hub believes of one room now. */
export interface Mood {
  v: 1;
  room: string;
  /** Wall clock, epoch ms UTC. ISO 8601 where it leaves as JSON. */
  at: number;
  label: MoodLabel;
  emotion: Emotion;
  probabilities: Probabilities;
  /** -1..1 */
  valence: number;
  /** -1..1 */
  arousal: number;
  /** 0..100: 100 times the sum of value x weight over `stressTerms`. */
  stress: number;
  /** Absent where nothing is known of the room. */
  stressTerms?: StressTerm[];
  /** Whether something contradicts a pleasant face for a while; `contradictions` says what. */
  hiddenStress: boolean;
  contradictions?: Contradiction[];
  /** 0..1: how likely `emotion` is right, now. */
  confidence: number;
  /** Null where no source can tell. */
  occupancy: boolean | null;
  people: number | null;
  /** 0..1: how differently the people in view feel. Absent for fewer than two. */
  disagreement?: number;
  contributions: Contribution[];
  /** Computed from recorded observations, not from this room. */
  demo?: true;
  /** The observation that brought this state about, where one did. */
  trigger?: string;
}
