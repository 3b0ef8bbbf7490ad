import { type Affect, EMOTIONS, type Emotion, type Probabilities } from './emotion.ts';

/**
 * Where each emotion lies on the circumplex: mean pleasure and arousal ratings of "happy", "sad", "angry", "surprised",
 * "fearful" and "disgusted" in Russell & Mehrabian (1977), "Evidence for a three-factor theory of emotions", Journal of
 * Research in Personality 11, 273-294. Neutral is the origin by definition.
 */
export const COORDINATES: Readonly<Record<Emotion, Affect>> = {
  neutral: { valence: 0, arousal: 0 },
  happiness: { valence: 0.81, arousal: 0.51 },
  sadness: { valence: -0.63, arousal: -0.27 },
  anger: { valence: -0.51, arousal: 0.59 },
  surprise: { valence: 0.4, arousal: 0.67 },
  fear: { valence: -0.64, arousal: 0.6 },
  disgust: { valence: -0.6, arousal: 0.35 },
};

/** About the spread between raters that the same study reports for one term. */
const RATING_SPREAD = 0.35;

export const fromWeights = (weight: (emotion: Emotion) => number): Probabilities => {
  const weights = EMOTIONS.map(weight);
  const total = weights.reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(EMOTIONS.map((emotion, i) => [emotion, (weights[i] ?? 0) / total])) as Record<Emotion, number>;
};

/**
 * What a reading of arousal, valence or both says of the emotions: a Gaussian around each one's coordinates, in the
 * dimensions that were read. A dimension that was not read says nothing.
 */
export function likelihood(reading: Partial<Affect>): Probabilities {
  return fromWeights((emotion) => {
    const { valence, arousal } = COORDINATES[emotion];
    const dv = reading.valence === undefined ? 0 : reading.valence - valence;
    const da = reading.arousal === undefined ? 0 : reading.arousal - arousal;
    return Math.exp(-(dv ** 2 + da ** 2) / (2 * RATING_SPREAD ** 2));
  });
}

/** The point on the circumplex that a distribution means on average. */
export function expectedAffect(probabilities: Probabilities): Affect {
  let valence = 0;
  let arousal = 0;
  for (const emotion of EMOTIONS) {
    valence += probabilities[emotion] * COORDINATES[emotion].valence;
    arousal += probabilities[emotion] * COORDINATES[emotion].arousal;
  }
  return { valence, arousal };
}

/** The most probable emotion; of equals the first in the order of `EMOTIONS`. */
export const strongest = (probabilities: Probabilities): Emotion =>
  EMOTIONS.reduce((best, each) => (probabilities[each] > probabilities[best] ? each : best));
