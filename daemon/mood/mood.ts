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
  /** 0..100 */
  stress: number;
  hiddenStress: boolean;
  /** 0..1 */
  confidence: number;
  /** Null where no source can tell. */
  occupancy: boolean | null;
  people: number | null;
  contributions: Contribution[];
  /** Computed from recorded observations, not from this room. */
  demo?: true;
  /** The observation that brought this state about, where one did. */
  trigger?: string;
}
