import { Running } from './running.ts';

/** How an utterance was spoken, as far as stress shows in it. */
export interface Strain {
  /** Median fundamental frequency, semitones above 100 Hz (YIN) */
  pitch: number;
  /** Mean level of the voiced frames, dB below full scale */
  level: number;
  /** Share of the utterance, from its first word to its last, that is silent, 0..1 */
  pauses: number;
}

/**
 * Weights of the deviations. Under stress the voice rises and gets louder (Giddens et al. 2013, "Vocal indices of stress: a
 * review"); pauses grow fewer with arousal, but less reliably.
 */
const WEIGHTS = { pitch: 0.5, level: 0.3, pauses: -0.2 } as const satisfies Record<keyof Strain, number>;
const FEATURES = ['pitch', 'level', 'pauses'] as const;

/** One feature alone cannot say more than this many deviations. */
const MAX_DEVIATIONS = 3;
/** A voice one weighted deviation above the ordinary is halfway; the ordinary one stands at 0.18. */
const HALFWAY = 1;
const STEEPNESS = 1.5;
/** Clips before anything is said: the ordinary of a room has to be known first. */
const MIN_CLIPS = 3;
const PRIOR_CLIPS = 2;

/** Vocal stress of one microphone, against how people ordinarily speak into it. The formula stands in docs/voice.md. */
export class VocalStress {
  readonly #ordinary = {
    pitch: new Running({ deviation: 2.5, clips: PRIOR_CLIPS }),
    level: new Running({ deviation: 4, clips: PRIOR_CLIPS }),
    pauses: new Running({ deviation: 0.12, clips: PRIOR_CLIPS }),
  };
  #clips = 0;

  /** Stress, 0..1, of this utterance, which becomes part of the ordinary afterwards; undefined for the first ones. */
  take(strain: Strain): number | undefined {
    const deviations = FEATURES.reduce((sum, each) => sum + WEIGHTS[each] * clamp(this.#ordinary[each].deviationsAbove(strain[each])), 0);
    for (const each of FEATURES) this.#ordinary[each].learn(strain[each]);
    return this.#clips++ < MIN_CLIPS ? undefined : 1 / (1 + Math.exp(STEEPNESS * (HALFWAY - deviations)));
  }
}

const clamp = (deviations: number): number => Math.min(MAX_DEVIATIONS, Math.max(-MAX_DEVIATIONS, deviations));
