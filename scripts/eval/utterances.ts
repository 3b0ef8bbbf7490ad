/** Acted and ordinary speech as the program's own listener hears it, for whoever judges it. */
import type { InferenceSession } from 'onnxruntime-node';
import type { ModelEntry } from '../../daemon/senses/perception/models.ts';
import { ArousalNet } from '../../daemon/senses/perception/voice/arousal-net.ts';
import { VoiceEmotionNet } from '../../daemon/senses/perception/voice/emotion-net.ts';
import { Listener, type Spoken } from '../../daemon/senses/perception/voice/listener.ts';
import { CHUNK, SAMPLE_RATE, voiceActivity } from '../../daemon/senses/perception/voice/vad.ts';
import { actorOf, emotionOf } from './acted-speech.ts';
import { readClips } from './clips.ts';
import type { Options } from './evaluation.ts';
import { isModelOf, openModel } from './models.ts';

/** Silence after a clip, s: ends the segment. */
const PAUSE = 1.2;
const RAVDESS_NEUTRAL = '01';

export interface Model {
  entry: ModelEntry;
  session: InferenceSession;
}

/** A clip as the program's listener gives it to the judge. */
export interface Measured {
  name: string;
  spoken: Spoken[];
}

export interface Corpora {
  models: { activity: Model; arousal: Model; emotions: Model };
  ravdess: Measured[];
  ordinary: Measured[];
}

/** The sessions in `models` are released after `use`. */
export async function withCorpora<T>(options: Options, use: (corpora: Corpora) => Promise<T>): Promise<T> {
  const [activity, arousal, emotions] = await Promise.all([
    openModel('voice-activity'),
    openModel('voice-arousal', await chosen('voice-arousal', options)),
    openModel('voice-emotion', await chosen('voice-emotion', options)),
  ]);
  const models = { activity, arousal, emotions };
  try {
    const ravdess = await measure('ravdess', models, options);
    return await use({ models, ravdess, ordinary: await measure('speech', models, options) });
  } finally {
    await Promise.all(Object.values(models).map(({ session }) => session.release()));
  }
}

async function chosen(role: 'voice-arousal' | 'voice-emotion', { model }: Options): Promise<string | undefined> {
  return model !== undefined && (await isModelOf(role, model)) ? model : undefined;
}

/** Every clip of a corpus, each by a listener of its own. */
async function measure(corpus: string, { activity, arousal, emotions }: Corpora['models'], options: Options): Promise<Measured[]> {
  const nets = { arousal: new ArousalNet(arousal.session), emotions: new VoiceEmotionNet(emotions.session, emotions.entry.labels) };
  const measured: Measured[] = [];
  for (const { name, samples } of await readClips(corpus, () => true, options)) {
    options.progress(`${corpus}, ${name}`);
    const listener = new Listener({ activity: voiceActivity(activity.session), ...nets });
    const sound = new Float32Array(samples.length + PAUSE * SAMPLE_RATE);
    sound.set(samples);
    const spoken: Spoken[] = [];
    for (let at = 0; at + CHUNK <= sound.length; at += CHUNK) {
      const heard = await listener.hear(sound.subarray(at, at + CHUNK));
      if (heard !== null && heard !== 'dropped') spoken.push(heard);
    }
    measured.push({ name, spoken });
  }
  options.progress('');
  return measured;
}

/** The first three neutral clips of every actor. */
export function introductionsOf(clips: readonly Measured[]): Map<string, Measured[]> {
  const ofActor = (actor: string) => clips.filter(({ name }) => actorOf(name) === actor && emotionOf(name) === RAVDESS_NEUTRAL).slice(0, 3);
  return new Map([...new Set(clips.map(({ name }) => actorOf(name)))].map((actor) => [actor, ofActor(actor)]));
}
