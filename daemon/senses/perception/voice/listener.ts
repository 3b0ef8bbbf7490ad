import type { Probabilities } from '../../../mood/emotion.ts';
import type { ArousalNet } from './arousal-net.ts';
import type { VoiceEmotionNet } from './emotion-net.ts';
import { type Prosody, ProsodyAnalyzer } from './prosody.ts';
import { type Segment, Segmenter } from './segmenter.ts';
import { Utterance } from './utterance.ts';
import { CHUNK, SAMPLE_RATE, type VoiceActivity } from './vad.ts';

/** Chunks of speech that a judgement needs: 1 s. */
export const MIN_JUDGED = SAMPLE_RATE / CHUNK;

/** How something was said, in numbers. */
export interface Spoken {
  segment: Segment;
  /** Null where too little was voiced. */
  prosody: Prosody | null;
  /** What the network says; null without one, and where there is no prosody or less than a second of speech. */
  form: number | null;
  /** Null where `form` would be. */
  emotions: Probabilities | null;
}

export interface ListenerOptions {
  activity: VoiceActivity;
  arousal: Pick<ArousalNet, 'form'> | null;
  emotions: Pick<VoiceEmotionNet, 'read'> | null;
}

/** Turns sound into numbers, utterance by utterance. The sound of an utterance is kept while it lasts, 5 s at most, and wiped when it was read. */
export class Listener {
  readonly #activity: VoiceActivity;
  readonly #arousal: ListenerOptions['arousal'];
  readonly #emotions: ListenerOptions['emotions'];
  readonly #segmenter = new Segmenter();
  readonly #prosody = new ProsodyAnalyzer();
  readonly #utterance = new Utterance();

  constructor({ activity, arousal, emotions }: ListenerOptions) {
    this.#activity = activity;
    this.#arousal = arousal;
    this.#emotions = emotions;
  }

  /** Whether somebody is speaking. */
  get open(): boolean {
    return this.#segmenter.open;
  }

  /** Takes the next CHUNK samples, -1..1. Gives what was said where it ends with them. */
  async hear(chunk: Float32Array): Promise<Spoken | 'dropped' | null> {
    const segment = this.#segmenter.step(await this.#activity.probability(chunk));
    if (this.open || segment) {
      this.#prosody.push(chunk);
      this.#utterance.push(chunk);
    }
    if (segment === null) return null;
    try {
      return segment === 'dropped' ? segment : await this.#read(segment);
    } finally {
      this.wipe();
    }
  }

  /** Forgets the sound of what is being said. */
  wipe(): void {
    this.#prosody.finish();
    this.#utterance.clear();
  }

  async #read(segment: Segment): Promise<Spoken> {
    const prosody = this.#prosody.finish();
    if (!prosody || segment.speech < MIN_JUDGED) return { segment, prosody, form: null, emotions: null };
    const samples = this.#utterance.samples(segment.trailing);
    const form = (await this.#arousal?.form(samples)) ?? null;
    const emotions = (await this.#emotions?.read(samples)) ?? null;
    return { segment, prosody, form, emotions };
  }
}
