import type { Affect, Emotion, Probabilities } from '../../mood/emotion.ts';
import { EMOTIONS } from '../../mood/emotion.ts';

/**
 * Where the emotions lie in the plane of pleasure and arousal: mean ratings of the terms happy, sad, angry, surprised,
 * fearful and disgusted in Russell & Mehrabian 1977, "Evidence for a three-factor theory of emotions", Journal of Research
 * in Personality 11, 273-294, table 1. The third factor, dominance, is left out. Neutral is the origin.
 */
export const EMOTION_AFFECT: Readonly<Record<Emotion, Affect>> = {
  neutral: { valence: 0, arousal: 0 },
  happiness: { valence: 0.81, arousal: 0.51 },
  sadness: { valence: -0.63, arousal: -0.27 },
  anger: { valence: -0.51, arousal: 0.59 },
  surprise: { valence: 0.4, arousal: 0.67 },
  fear: { valence: -0.64, arousal: 0.6 },
  disgust: { valence: -0.6, arousal: 0.35 },
};

/** The mean of the emotions' places, weighted by their probabilities. */
export function expectedAffect(probabilities: Probabilities): Affect {
  let valence = 0;
  let arousal = 0;
  for (const emotion of EMOTIONS) {
    valence += probabilities[emotion] * EMOTION_AFFECT[emotion].valence;
    arousal += probabilities[emotion] * EMOTION_AFFECT[emotion].arousal;
  }
  return { valence, arousal };
}
