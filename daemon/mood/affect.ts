import { type Distribution, normalize } from './distribution.ts';
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

/**
 * Standard deviation of a reading around the coordinates of the emotion that is felt: how far people differ in what a term
 * means to them (about 0.3 in the ratings above) and how far a reading is off, together. Our own choice.
 */
const SPREAD = 0.4;

const PLACES = EMOTIONS.map((emotion) => COORDINATES[emotion]);

export const fromWeights = (weight: (emotion: Emotion) => number): Probabilities => {
  const weights = EMOTIONS.map(weight);
  const total = weights.reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(EMOTIONS.map((emotion, i) => [emotion, (weights[i] ?? 0) / total])) as Record<Emotion, number>;
};

/**
 * What a reading of arousal, valence or both says of the emotions: a Gaussian around each one's coordinates, in the
 * dimensions that were read. A dimension that was not read says nothing.
 */
export function likelihood({ valence, arousal }: Partial<Affect>): Distribution {
  const distances = PLACES.map((place) => {
    const dv = valence === undefined ? 0 : valence - place.valence;
    const da = arousal === undefined ? 0 : arousal - place.arousal;
    return dv * dv + da * da;
  });
  return normalize(distances.map((squared) => Math.exp(-squared / (2 * SPREAD * SPREAD))));
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

/** The same of what is computed with. */
export function affectOf(distribution: Distribution): Affect {
  let valence = 0;
  let arousal = 0;
  for (let i = 0; i < PLACES.length; i++) {
    const place = PLACES[i] as Affect;
    valence += (distribution[i] as number) * place.valence;
    arousal += (distribution[i] as number) * place.arousal;
  }
  return { valence, arousal };
}

/** The most probable emotion; of equals the first in the order of `EMOTIONS`. */
export const strongest = (probabilities: Probabilities): Emotion =>
  EMOTIONS.reduce((best, each) => (probabilities[each] > probabilities[best] ? each : best));
