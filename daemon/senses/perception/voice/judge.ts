import type { Probabilities } from '../../../mood/emotion.ts';
import { arousalOf, VoiceBaseline } from './arousal.ts';
import { VoiceEmotions } from './emotions.ts';
import { MIN_JUDGED, type Spoken } from './listener.ts';
import { Running } from './running.ts';
import { VocalStress } from './stress.ts';

/**
 * What the network says of ordinary speech: its mean over the neutral clips of EmoDB whose speakers it had not heard. The
 * mean of one speaker's neutral clips varies more than the clips around it do (variances 0.020 and 0.014), so that nobody in
 * particular weighs less than one clip of somebody.
 */
const ORDINARY_FORM = { mean: -0.1, deviation: 0.2, clips: 0.7 };

/** Chunks of speech with which a judgement is as good as it gets: 3 s. */
const FULLY_JUDGED = 3 * MIN_JUDGED;
/** Confidence of a reading of 3 s and more against a learned baseline. */
const MAX_CONFIDENCE = 0.7;

export interface Judgement {
  /** -1..1 */
  arousal: number;
  /** 0..1; absent until the ordinary voice is known. */
  vocalStress?: number;
  /** Absent without a network for emotions, and until the ordinary voice is known. */
  probabilities?: Probabilities;
  confidence: number;
}

/** Judges what is said into one microphone against how people ordinarily speak into it. Knows no voice from another. */
export class VoiceJudge {
  readonly #form = new Running(ORDINARY_FORM);
  readonly #prosody = new VoiceBaseline();
  readonly #stress = new VocalStress();
  readonly #emotions = new VoiceEmotions();

  /** Null where it is too short to judge, or too little of it voiced. What was judged becomes part of the ordinary afterwards. */
  take({ segment, prosody, form, emotions }: Spoken): Judgement | null {
    if (!prosody || segment.speech < MIN_JUDGED) return null;
    const trust = form === null ? this.#prosody.trust : this.#form.trust;
    const byProsody = arousalOf(prosody, this.#prosody.take(prosody));
    const arousal = form === null ? byProsody : Math.tanh(this.#form.above(form));
    if (form !== null) this.#form.learn(form);
    const vocalStress = this.#stress.take({ ...prosody, pauses: segment.pauses / (segment.speech + segment.pauses) });
    const probabilities = emotions ? this.#emotions.take(emotions) : undefined;
    return {
      arousal,
      confidence: confidenceOf(segment.speech, trust),
      ...(vocalStress !== undefined && { vocalStress }),
      ...(probabilities && { probabilities }),
    };
  }
}

/** Grows with the length of the speech and with what is known of the people who use this microphone. */
function confidenceOf(speechChunks: number, baselineTrust: number): number {
  const length = 0.4 + 0.6 * Math.min(1, (speechChunks - MIN_JUDGED) / (FULLY_JUDGED - MIN_JUDGED));
  return MAX_CONFIDENCE * length * (0.4 + 0.6 * baselineTrust);
}
