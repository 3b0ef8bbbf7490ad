/** Momentary emotions: Ekman's six and neutral (Ekman 1992, "An argument for basic emotions"). The order is that of every vector in the program. */
export const EMOTIONS = ['neutral', 'happiness', 'sadness', 'anger', 'surprise', 'fear', 'disgust'] as const;

export type Emotion = (typeof EMOTIONS)[number];

/** A distribution over the emotions: each 0..1, together 1. */
export type Probabilities = Readonly<Record<Emotion, number>>;

/** Core affect (Russell 1980, "A circumplex model of affect"): both -1..1. */
export interface Affect {
  valence: number;
  arousal: number;
}
