import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { InferenceSession } from 'onnxruntime-node';
import { decodeSound } from '../../../../test/helpers/decode.ts';
import { needs, shared } from '../../../../test/helpers/needs.ts';
import { fromWeights } from '../../../mood/affect.ts';
import type { Probabilities } from '../../../mood/emotion.ts';
import type { Role } from '../../protocol.ts';
import { resolveModels } from '../models.ts';
import { openSession } from '../session.ts';
import { ArousalNet } from './arousal-net.ts';
import { VoiceEmotionNet } from './emotion-net.ts';
import { Listener, type Spoken } from './listener.ts';
import { Utterance } from './utterance.ts';
import { CHUNK, SAMPLE_RATE, voiceActivity } from './vad.ts';

const ownModels = join(import.meta.dirname, '../../../../models');

describe('our own networks', () => {
  const sessions: Partial<Record<Role, InferenceSession>> = {};
  const session = (role: Role): InferenceSession => {
    const found = sessions[role];
    assert.ok(found, `models/ has one for ${role}`);
    return found;
  };

  before(async () => {
    const resolved = await resolveModels([ownModels]);
    for (const role of ['voice-activity', 'voice-arousal', 'voice-emotion'] as const) {
      const found = resolved[role];
      assert.ok('path' in found);
      const opened = await openSession(found, 1);
      sessions[role] = opened;
      if (role === 'voice-emotion') emotions = new VoiceEmotionNet(opened, found.entry.labels);
    }
  });
  after(() => Promise.all(Object.values(sessions).map((each) => each.release())));

  /** As the manifest has them, so that a change there is noticed here. */
  let emotions: VoiceEmotionNet;
  const listener = () =>
    new Listener({ activity: voiceActivity(session('voice-activity')), arousal: new ArousalNet(session('voice-arousal')), emotions });

  async function listen(to: Listener, samples: Float32Array): Promise<Spoken[]> {
    const spoken: Spoken[] = [];
    for (let at = 0; at + CHUNK <= samples.length; at += CHUNK) {
      const heard = await to.hear(samples.subarray(at, at + CHUNK));
      if (heard !== null && heard !== 'dropped') spoken.push(heard);
    }
    return spoken;
  }

  /** With 1.5 s of silence after it, which ends the segment. */
  const clip = async (name: string): Promise<Float32Array> => {
    const sound = await decodeSound(shared(`datasets/emodb/${name}.flac`));
    return Float32Array.from({ length: sound.length + 1.5 * SAMPLE_RATE }, (_, i) => (sound[i] ?? 0) / 32_768);
  };

  test('take neither silence nor hiss for speech', async () => {
    let seed = 3;
    const hiss = Float32Array.from({ length: 5 * SAMPLE_RATE }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return 0.02 * (seed / 2_147_483_647 - 0.5);
    });
    const ear = listener();
    assert.deepEqual(await listen(ear, new Float32Array(5 * SAMPLE_RATE)), []);
    assert.deepEqual(await listen(ear, hiss), []);
  });

  test('hear speech, and anger in it above sadness', needs('ffmpeg', 'datasets/emodb/03a05Wa.flac'), async () => {
    const form = async (name: string): Promise<number> => {
      const [judged] = (await listen(listener(), await clip(name))).flatMap((spoken) => spoken.form ?? []);
      assert.ok(judged !== undefined, name);
      return judged;
    };
    assert.ok((await form('03a05Wa')) > (await form('03a05Tc')) + 0.3);
  });

  test('tell anger from sadness, and leave open what they have no name for', needs('ffmpeg', 'datasets/emodb/03a05Wa.flac'), async () => {
    const read = async (name: string): Promise<Probabilities> => {
      const [probabilities] = (await listen(listener(), await clip(name))).flatMap((spoken) => spoken.emotions ?? []);
      assert.ok(probabilities, name);
      return probabilities;
    };
    const [angry, sad] = [await read('03a05Wa'), await read('03a05Tc')];
    assert.ok(angry.anger > sad.anger && sad.sadness > angry.sadness);
    for (const probabilities of [angry, sad]) {
      assert.ok(Math.abs(Object.values(probabilities).reduce((sum, each) => sum + each, 0) - 1) < 1e-6);
      assert.equal(probabilities.surprise, 1 / 7);
    }
  });

  test('hear the same however loud it is', needs('ffmpeg', 'datasets/emodb/08a02Wc.flac'), async () => {
    const samples = await clip('08a02Wc');
    const net = new ArousalNet(session('voice-arousal'));
    const loud = await net.form(samples);
    const quiet = await net.form(samples.map((sample) => sample * 0.05));
    assert.ok(Math.abs(loud - quiet) < 0.02);
  });
});

test('what was said is overwritten as soon as it was read', async () => {
  const read: Float32Array[] = [];
  const keep = (samples: Float32Array) => {
    assert.ok(samples.some((sample) => Math.abs(sample) > 0.1));
    read.push(samples);
  };
  const listener = new Listener({
    activity: { probability: async (samples) => (samples.some((sample) => sample !== 0) ? 0.9 : 0.1) },
    arousal: {
      form: async (samples) => {
        keep(samples);
        return 0;
      },
    },
    emotions: {
      read: async (samples) => {
        keep(samples);
        return fromWeights(() => 1);
      },
    },
  });
  const voice = Float32Array.from({ length: 3 * SAMPLE_RATE }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 150 * i) / SAMPLE_RATE));
  const sound = new Float32Array(4 * SAMPLE_RATE);
  sound.set(voice);
  for (let at = 0; at + CHUNK <= sound.length; at += CHUNK) await listener.hear(sound.subarray(at, at + CHUNK));
  assert.equal(read.length, 2);
  for (const samples of read) assert.ok(new Float32Array(samples.buffer).every((sample) => sample === 0));
});

test('an utterance keeps 5 s, gives them without the silence at the end, and leaves nothing behind', () => {
  const utterance = new Utterance();
  const chunk = new Float32Array(CHUNK).fill(0.5);
  for (let i = 0; i < 200; i++) utterance.push(chunk);
  assert.equal(utterance.samples().length, 156 * CHUNK);
  const kept = utterance.samples(13);
  assert.equal(kept.length, 143 * CHUNK);
  utterance.clear();
  assert.ok(kept.every((sample) => sample === 0));
  assert.equal(utterance.samples().length, 0);
});
