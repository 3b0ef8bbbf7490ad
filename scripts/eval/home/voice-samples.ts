import type { Observation } from '../../../daemon/mood/observation.ts';
import { ArousalNet } from '../../../daemon/senses/perception/voice/arousal-net.ts';
import { VoiceEmotionNet } from '../../../daemon/senses/perception/voice/emotion-net.ts';
import { VoiceReader, type VoiceReaderOptions } from '../../../daemon/senses/perception/voice/reader.ts';
import { SAMPLE_RATE, voiceActivity } from '../../../daemon/senses/perception/voice/vad.ts';
import { actorOf, EMODB, emotionOf, RAVDESS } from '../acted-speech.ts';
import { type Clip, readClips } from '../clips.ts';
import { openModel } from '../models.ts';
import { FEELINGS, type Feeling } from './feelings.ts';
import { Random } from './random.ts';
import type { Samples, VoiceSample } from './samples.ts';

interface Corpus {
  name: string;
  speakerOf(clip: string): string;
  /** Undefined where what is felt is none of the seven. */
  feelingOf(clip: string): Feeling | undefined;
}

/** The first two letters of an EmoDB name are the speaker. */
const CORPORA: readonly Corpus[] = [
  { name: 'emodb', speakerOf: (clip) => clip.slice(0, 2), feelingOf: (clip) => EMODB[clip[5] ?? ''] },
  { name: 'ravdess', speakerOf: actorOf, feelingOf: (clip) => RAVDESS[emotionOf(clip)] },
];

/** Clips of ordinary speech by which a microphone gets to know a speaker first; they are in no stream. */
const INTRODUCTIONS = 3;
/** Silence after each clip, s: longer than any pause that an utterance may have. */
const PAUSE = 1.5;
const SEED = 7;

/** Every speaker before a microphone of their own: the introductions, then the other clips in shuffled order. */
export async function readVoiceSamples(progress: (text: string) => void): Promise<Samples['voice']> {
  const [activity, arousal, emotions] = await Promise.all([
    openModel('voice-activity'),
    openModel('voice-arousal'),
    openModel('voice-emotion'),
  ]);
  const samples = Object.fromEntries(FEELINGS.map((feeling) => [feeling, [] as VoiceSample[]])) as Record<Feeling, VoiceSample[]>;
  for (const corpus of CORPORA) {
    const clips = await readClips(corpus.name, (name) => corpus.feelingOf(name) !== undefined, { progress, plot: () => {} });
    for (const [speaker, spoken] of Map.groupBy(clips, ({ name }) => corpus.speakerOf(name))) {
      progress(`${corpus.name}, speaker ${speaker}`);
      const microphone = new Microphone({
        activity: voiceActivity(activity.session),
        arousal: new ArousalNet(arousal.session),
        emotions: new VoiceEmotionNet(emotions.session, emotions.entry.labels),
      });
      const introductions = spoken.filter(({ name }) => corpus.feelingOf(name) === 'neutral').slice(0, INTRODUCTIONS);
      for (const clip of introductions) await microphone.hear(clip);
      for (const clip of shuffled(spoken.filter((each) => !introductions.includes(each)))) {
        const sample = await microphone.hear(clip);
        if (sample.utterances.length > 0) samples[corpus.feelingOf(clip.name) as Feeling].push(sample);
      }
    }
  }
  await Promise.all([activity, arousal, emotions].map(({ session }) => session.release()));
  return samples;
}

class Microphone {
  readonly #reader: VoiceReader;
  /** ms */
  #now = 0;

  constructor(nets: Pick<VoiceReaderOptions, 'activity' | 'arousal' | 'emotions'>) {
    this.#reader = new VoiceReader({ id: 'mic', room: 'room', ...nets });
  }

  async hear({ samples }: Clip): Promise<VoiceSample> {
    const sound = new Int16Array(samples.length + PAUSE * SAMPLE_RATE);
    for (let i = 0; i < samples.length; i++) sound[i] = Math.round((samples[i] as number) * 32_768);
    const began = this.#now;
    this.#now += msOf(sound.length);
    const observations = await this.#reader.push(sound, this.#now);
    return { length: msOf(samples.length), utterances: observations.flatMap((each) => utteranceOf(each, began)) };
  }
}

function utteranceOf(observation: Observation, began: number): VoiceSample['utterances'] {
  if (observation.modality !== 'voice' || !observation.speech) return [];
  const { v, id, room, source, at, ...said } = observation;
  return [{ after: Math.max(0, at - began), said }];
}

const msOf = (samples: number): number => (1000 * samples) / SAMPLE_RATE;

function shuffled(clips: readonly Clip[]): Clip[] {
  const random = new Random(SEED);
  return clips
    .map((clip) => ({ clip, key: random.unit() }))
    .sort((a, b) => a.key - b.key)
    .map(({ clip }) => clip);
}
