import type { Observation, VoiceObservation } from '../../../mood/observation.ts';
import { Serial } from '../serial.ts';
import type { ArousalNet } from './arousal-net.ts';
import type { VoiceEmotionNet } from './emotion-net.ts';
import { VoiceJudge } from './judge.ts';
import { Listener, type Spoken } from './listener.ts';
import { levelOf } from './prosody.ts';
import { CHUNK, SAMPLE_RATE, type VoiceActivity } from './vad.ts';

const CHUNK_MS = (1000 * CHUNK) / SAMPLE_RATE;
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
  /** Null without a model: then arousal is read from prosody. */
  arousal: ArousalNet | null;
  /** Null without a model: then emotions are not told apart. */
  emotions: VoiceEmotionNet | null;
  onClosed?(): void;
}

/** Reads the voices of one microphone. Samples are dropped as soon as their segment is read; nothing is recognized but how, never what. */
export class VoiceReader {
  readonly #source: { id: string; room: string };
  readonly #listener: Listener | null;
  readonly #onClosed: (() => void) | undefined;
  readonly #judge = new VoiceJudge();
  readonly #serial = new Serial();
  readonly #chunk = new Float32Array(CHUNK);
  #filled = 0;
  #closed = false;
  #noise: number | null = null;
  /** When speech ended last, mono ms; null once silence has been said. */
  #spokeAt: number | null = null;

  constructor({ id, room, activity, arousal, emotions, onClosed }: VoiceReaderOptions) {
    this.#source = { id, room };
    this.#listener = activity && new Listener({ activity, arousal, emotions });
    this.#onClosed = onClosed;
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
    this.#listener?.wipe();
    this.#onClosed?.();
  }

  async #push(samples: Int16Array, at: number): Promise<Observation[]> {
    const observations: Observation[] = [];
    let taken = 0;
    while (taken < samples.length && !this.#closed && this.#listener) {
      taken += this.#fill(samples.subarray(taken));
      if (this.#filled < CHUNK) break;
      this.#filled = 0;
      const heardAt = at - ((samples.length - taken) * 1000) / SAMPLE_RATE;
      const observation = this.#observe(await this.#listener.hear(this.#chunk), heardAt);
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

  #observe(heard: Spoken | 'dropped' | null, at: number): VoiceObservation | null {
    if (heard !== null && heard !== 'dropped') return this.#speech(heard, at);
    if (this.#listener?.open) return null;
    if (heard === null) this.#followNoise();
    return this.#silence(at);
  }

  #followNoise(): void {
    const level = levelOf(this.#chunk);
    this.#noise = this.#noise === null ? level : this.#noise + NOISE_RATE * (level - this.#noise);
  }

  #silence(at: number): VoiceObservation | null {
    if (this.#spokeAt === null || at - this.#spokeAt < SILENCE_AFTER) return null;
    this.#spokeAt = null;
    return { ...this.#common(at), speech: false, confidence: 0.9, quality: 1 };
  }

  #speech(spoken: Spoken, at: number): VoiceObservation {
    const { segment, prosody } = spoken;
    const endedAt = at - segment.trailing * CHUNK_MS;
    this.#spokeAt = endedAt;
    const quality = prosody ? clampUnit((prosody.level - (this.#noise ?? -60)) / GOOD_DISTANCE) : 0;
    const common = { ...this.#common(endedAt), speech: true, quality };
    const judgement = this.#judge.take(spoken);
    if (!judgement) return { ...common, confidence: clampUnit(segment.probability) };
    const { arousal, ...rest } = judgement;
    return { ...common, affect: { arousal }, ...rest };
  }

  #common(at: number): Pick<VoiceObservation, 'v' | 'id' | 'room' | 'source' | 'at' | 'modality'> {
    const { id, room } = this.#source;
    return { v: 1, id: `${id}.${Math.round(at * 1000).toString(36)}.v`, room, source: id, at, modality: 'voice' };
  }
}

const clampUnit = (value: number): number => Math.min(1, Math.max(0, value));
