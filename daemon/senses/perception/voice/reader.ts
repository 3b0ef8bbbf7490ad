import type { Observation, VoiceObservation } from '../../../mood/observation.ts';
import { Serial } from '../serial.ts';
import { arousalOf, VoiceBaseline } from './arousal.ts';
import { levelOf, type Prosody, ProsodyAnalyzer } from './prosody.ts';
import { type Segment, Segmenter } from './segmenter.ts';
import { CHUNK, SAMPLE_RATE, type VoiceActivity } from './vad.ts';

const CHUNK_MS = (1000 * CHUNK) / SAMPLE_RATE;
/** Chunks of speech that a reading of arousal needs (1 s), and with which it is as good as it gets (3 s). */
const MIN_JUDGED = 1000 / CHUNK_MS;
const FULLY_JUDGED = 3000 / CHUNK_MS;
/** Confidence of a reading of 3 s and more against a learned baseline. */
const MAX_CONFIDENCE = 0.7;
/** Said once after speech, when nobody has spoken for this long, ms. */
const SILENCE_AFTER = 2000;
/** Speech this many dB above the noise of the room is heard well. */
const GOOD_DISTANCE = 25;
/** Share of a new chunk in the running level of the room's noise: settles within some seconds. */
const NOISE_RATE = 0.01;

export interface VoiceReaderOptions {
  id: string;
  room: string;
  /** Null without a model: then nothing is read. */
  activity: VoiceActivity | null;
  onClosed?(): void;
}

/** Reads the voices of one microphone. Samples are dropped as soon as their numbers are taken; nothing is recognized but how, never what. */
export class VoiceReader {
  readonly #source: { id: string; room: string };
  readonly #activity: VoiceActivity | null;
  readonly #onClosed: (() => void) | undefined;
  readonly #segmenter = new Segmenter();
  readonly #prosody = new ProsodyAnalyzer();
  readonly #baseline = new VoiceBaseline();
  readonly #serial = new Serial();
  readonly #chunk = new Float32Array(CHUNK);
  #filled = 0;
  #closed = false;
  #noise: number | null = null;
  /** When speech ended last, mono ms; null once silence has been said. */
  #spokeAt: number | null = null;

  constructor(options: VoiceReaderOptions) {
    this.#source = { id: options.id, room: options.room };
    this.#activity = options.activity;
    this.#onClosed = options.onClosed;
  }

  /**
   * Takes the next samples, 16 kHz mono, any number; `at` is when the last of them was heard, mono ms. Gives an observation
   * for each utterance that ended, and one of silence when nobody speaks any more. Calls that overlap are taken in order.
   */
  push(samples: Int16Array, at: number): Promise<Observation[]> {
    return this.#serial.run(() => this.#push(samples, at));
  }

  /** Resolves when no samples are being read any more; later ones give nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#serial.idle();
    this.#chunk.fill(0);
    this.#prosody.finish();
    this.#onClosed?.();
  }

  async #push(samples: Int16Array, at: number): Promise<Observation[]> {
    const observations: Observation[] = [];
    let taken = 0;
    while (taken < samples.length && !this.#closed && this.#activity) {
      taken += this.#fill(samples.subarray(taken));
      if (this.#filled < CHUNK) break;
      this.#filled = 0;
      const heardAt = at - ((samples.length - taken) * 1000) / SAMPLE_RATE;
      const observation = this.#hear(await this.#activity.probability(this.#chunk), heardAt);
      if (observation) observations.push(observation);
    }
    return observations;
  }

  #fill(samples: Int16Array): number {
    const count = Math.min(samples.length, CHUNK - this.#filled);
    for (let i = 0; i < count; i++) this.#chunk[this.#filled + i] = (samples[i] as number) / 32_768;
    this.#filled += count;
    return count;
  }

  #hear(probability: number, at: number): VoiceObservation | null {
    const segment = this.#segmenter.step(probability);
    if (this.#segmenter.open || segment) this.#prosody.push(this.#chunk);
    else this.#followNoise();
    if (segment === null) return this.#silence(at);
    const prosody = this.#prosody.finish();
    return segment === 'dropped' ? this.#silence(at) : this.#speech(segment, prosody, at);
  }

  #followNoise(): void {
    const level = levelOf(this.#chunk);
    this.#noise = this.#noise === null ? level : this.#noise + NOISE_RATE * (level - this.#noise);
  }

  #silence(at: number): VoiceObservation | null {
    if (this.#segmenter.open || this.#spokeAt === null || at - this.#spokeAt < SILENCE_AFTER) return null;
    this.#spokeAt = null;
    return { ...this.#common(at), speech: false, confidence: 0.9, quality: 1 };
  }

  #speech(segment: Segment, prosody: Prosody | null, at: number): VoiceObservation {
    const endedAt = at - segment.trailing * CHUNK_MS;
    this.#spokeAt = endedAt;
    const quality = prosody ? clampUnit((prosody.level - (this.#noise ?? -60)) / GOOD_DISTANCE) : 0;
    const common = { ...this.#common(endedAt), speech: true, quality };
    if (!prosody || segment.speech < MIN_JUDGED) return { ...common, confidence: clampUnit(segment.probability) };
    const trust = this.#baseline.trust;
    const arousal = arousalOf(prosody, this.#baseline.take(prosody));
    return { ...common, affect: { arousal }, confidence: confidenceOf(segment.speech, trust) };
  }

  #common(at: number): Pick<VoiceObservation, 'v' | 'id' | 'room' | 'source' | 'at' | 'modality'> {
    const { id, room } = this.#source;
    return { v: 1, id: `${id}.${Math.round(at * 1000).toString(36)}.v`, room, source: id, at, modality: 'voice' };
  }
}

/** Grows with the length of the speech and with what is known of the people who use this microphone. */
function confidenceOf(speechChunks: number, baselineTrust: number): number {
  const length = 0.4 + 0.6 * Math.min(1, (speechChunks - MIN_JUDGED) / (FULLY_JUDGED - MIN_JUDGED));
  return MAX_CONFIDENCE * length * (0.4 + 0.6 * baselineTrust);
}

const clampUnit = (value: number): number => Math.min(1, Math.max(0, value));
