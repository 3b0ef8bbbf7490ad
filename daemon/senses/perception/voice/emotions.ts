import { fromWeights } from '../../../mood/affect.ts';
import { EMOTIONS, type Emotion, type Probabilities } from '../../../mood/emotion.ts';
import { Running } from './running.ts';

/** What somebody who speaks as ever is taken for: neutral twice as likely as anything else. */
const ORDINARY = fromWeights((emotion) => (emotion === 'neutral' ? 2 : 1));

/**
 * By how much a network is surer of voices and microphones that it was not trained on than it is right: the temperature of
 * least negative log likelihood on RAVDESS, in steps of a half (docs/voice.md).
 */
const TEMPERATURE = 2.5;

/** Utterances before anything is said: the ordinary voice has to be known first. */
const MIN_CLIPS = 3;
const LEAST_PROBABILITY = 1e-4;

/**
 * What emotions one microphone hears, against those that it ordinarily hears. A network takes a foreign microphone for an
 * emotion; taken off the logarithms of its probabilities, that cancels out.
 */
export class VoiceEmotions {
  readonly #ordinary = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, new Running({ deviation: 1, clips: 0 })])) as Record<
    Emotion,
    Running
  >;
  #clips = 0;

  /** Emotions of this utterance, which becomes part of the ordinary afterwards; undefined for the first ones. */
  take(heard: Probabilities): Probabilities | undefined {
    const log = (emotion: Emotion): number => Math.log(Math.max(heard[emotion], LEAST_PROBABILITY));
    const felt = fromWeights((emotion) => ORDINARY[emotion] * Math.exp(this.#ordinary[emotion].above(log(emotion)) / TEMPERATURE));
    for (const emotion of EMOTIONS) this.#ordinary[emotion].learn(log(emotion));
    return this.#clips++ < MIN_CLIPS ? undefined : felt;
  }
}
