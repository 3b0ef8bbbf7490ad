import { PROSODY_FEATURES, type Prosody } from './prosody.ts';

export interface ArousalModel {
  bias: number;
  /** Per unit of each feature */
  weights: Prosody;
}

/**
 * Arousal of a voice = tanh(bias + sum of weight * (feature - baseline)). Pitch, its movement and tilt: ridge regression on
 * EmoDB towards the arousal that Russell & Mehrabian 1977 give the acted emotions; models/training/prosody/fit.ts makes these
 * numbers, docs/voice.md reports how well they do. Loudness could not be fitted there (EmoDB's recording level was adjusted by
 * emotion: loud actors are quieter on record) and was set by hand, small: 6 dB above one's ordinary loudness, at most, count.
 */
export const AROUSAL: ArousalModel = {
  bias: -0.108,
  weights: { pitch: 0.06, pitchMovement: 0.161, tilt: 0.0125, level: 0.05 },
};

/** Speakers move towards and away from a microphone: a difference in level beyond this, dB, says no more. */
const MAX_LEVEL_DIFFERENCE = 6;

/** Ordinary speech of nobody in particular: mean over the neutral clips of EmoDB's speakers. The level depends on the microphone. */
export const ORDINARY: Omit<Prosody, 'level'> = { pitch: 7.4, pitchMovement: 0.43, tilt: -18.8 };

/** Clips that the prior weighs as much as, and that the baseline remembers. */
const PRIOR_CLIPS = 3;
const MEMORY_CLIPS = 60;

/** Arousal, -1..1, of prosody against a baseline of ordinary speech. */
export function arousalOf(prosody: Prosody, baseline: Prosody, model: ArousalModel = AROUSAL): number {
  let form = model.bias;
  for (const feature of PROSODY_FEATURES) {
    const difference = prosody[feature] - baseline[feature];
    form += model.weights[feature] * (feature === 'level' ? clampTo(difference, MAX_LEVEL_DIFFERENCE) : difference);
  }
  return Math.tanh(form);
}

/**
 * How people ordinarily speak into this microphone: a running mean that starts from ORDINARY and forgets slowly. Men's and
 * women's pitch differ by more than calm and anger do, so a voice is only meaningful against it.
 */
export class VoiceBaseline {
  #clips = 0;
  #mean: Prosody = { ...ORDINARY, level: Number.NaN };

  /** 0 before anything was heard, towards 1 as clips come in. */
  get trust(): number {
    return this.#clips / (this.#clips + PRIOR_CLIPS);
  }

  /** The baseline for this clip, of which it becomes a part only afterwards. */
  take(prosody: Prosody): Prosody {
    if (this.#clips === 0) this.#mean.level = prosody.level;
    const before = { ...this.#mean };
    this.#clips = Math.min(MEMORY_CLIPS, this.#clips + 1);
    for (const feature of PROSODY_FEATURES) this.#mean[feature] += (prosody[feature] - this.#mean[feature]) / (PRIOR_CLIPS + this.#clips);
    return before;
  }
}

const clampTo = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
