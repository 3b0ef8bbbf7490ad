import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { decodeFrames, decodePicture, decodeSound } from '../../../test/helpers/decode.ts';
import { needs, shared } from '../../../test/helpers/needs.ts';
import { tinyNetwork } from '../../../test/helpers/onnx.ts';
import type { Probabilities } from '../../mood/emotion.ts';
import { type FaceObservation, type Observation, observationSchema, type VoiceObservation } from '../../mood/observation.ts';
import { FaceDetector } from './face/detector.ts';
import { EmotionNet } from './face/emotion-net.ts';
import type { Frame } from './frame.ts';
import { loadManifest, type Manifest, type ModelProblem, modelEntrySchema, resolveModels } from './models.ts';
import { Perception } from './perception.ts';
import { openSession } from './session.ts';
import type { Tuning } from './tuning.ts';

const ownModels = join(import.meta.dirname, '../../../models');
const dirs = [ownModels, shared('models')];
const yunet = 'models/face_detection_yunet_2026may.onnx';
const silero = 'models/silero_vad_16k_op15.onnx';
const size = { width: 640, height: 360 };

interface Settled {
  role: string;
  model: string | null;
  problem: ModelProblem | null;
}

/** What a camera with its lens cap half on would give: not a face anywhere. */
function noise(at: number): Frame {
  let seed = 7;
  const data = new Uint8Array(size.width * size.height * 3);
  for (let i = 0; i < data.length; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    data[i] = seed & 255;
  }
  return { data, ...size, at };
}

const isFace = (each: Observation): each is FaceObservation => each.modality === 'face';
const areaOf = ({ box: [, , width, height] = [0, 0, 0, 0] }: FaceObservation): number => width * height;
const isVoice = (each: Observation): each is VoiceObservation => each.modality === 'voice';

describe('perception', () => {
  let settled: Settled[] = [];
  const opened: Perception[] = [];

  async function start(options: { dirs?: string[]; manifest?: Manifest } = {}): Promise<Perception> {
    settled = [];
    const perception = new Perception({
      log: pino({ level: 'silent' }),
      dirs,
      threads: 1,
      ...options,
      onModel: (role, model, problem) => settled.push({ role, model, problem }),
    });
    opened.push(perception);
    await perception.start();
    return perception;
  }

  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  test('reads the face of a portrait', needs('ffmpeg', yunet, 'media/astronaut.png'), async () => {
    const camera = (await start()).camera({ id: 'cam', room: 'lab' });
    const observations = await camera.read(await decodePicture(shared('media/astronaut.png'), size));
    assert.deepEqual(
      settled.map(({ role, problem }) => [role, problem]),
      [
        ['face-detection', null],
        ['face-emotion', null],
        ['voice-activity', null],
        ['voice-arousal', null],
        ['voice-emotion', null],
      ],
    );
    const [face, ...others] = observations.map((each) => observationSchema.parse(each));
    assert.deepEqual(others, []);
    assert.ok(face && isFace(face));
    assert.equal(face.people, 1);
    assert.ok(face.probabilities.happiness > 0.9, 'she smiles');
    assert.ok((face.affect?.valence ?? 0) > 0.5);
    assert.ok(face.quality > 0.5);
  });

  test(
    'reads everybody in the picture: two men and the child before them',
    needs('ffmpeg', yunet, 'media/obama_and_biden.jpg'),
    async () => {
      const picture = await decodePicture(shared('media/obama_and_biden.jpg'), size);
      const faces = (await (await start()).camera({ id: 'cam', room: 'lab' }).read(picture)).filter(isFace);
      assert.deepEqual(
        faces.map(({ people }) => people),
        [3, 3, 3],
      );
      assert.equal(new Set(faces.map(({ track }) => track)).size, 3);
      const [nearest] = [...faces].sort((a, b) => areaOf(b) - areaOf(a));
      assert.deepEqual(
        faces.filter(({ primary }) => primary),
        [nearest],
      );
      assert.equal(new Set(faces.map(({ id }) => id)).size, 3);
    },
  );

  test(
    'a face keeps its track while the camera pans over it',
    needs('ffmpeg', yunet, 'media/clip_astronaut_pan_640x480_15fps.mp4'),
    async () => {
      const camera = (await start()).camera({ id: 'cam', room: 'lab' });
      const frames = await decodeFrames(shared('media/clip_astronaut_pan_640x480_15fps.mp4'), { ...size, fps: 5 });
      const faces: FaceObservation[] = [];
      for (const frame of frames) faces.push(...(await camera.read(frame)).filter(isFace));
      assert.ok(faces.length >= 0.8 * frames.length);
      assert.deepEqual([...new Set(faces.map(({ track }) => track))], [1]);
    },
  );

  test('a still face is read once a second, one that moves in every frame', needs('ffmpeg', yunet, 'media/astronaut.png'), async () => {
    const camera = (await start()).camera({ id: 'cam', room: 'lab' });
    const still = await decodePicture(shared('media/astronaut.png'), size);
    const shifted = { ...still, data: new Uint8Array(still.data.length) };
    shifted.data.set(still.data.subarray(0, -12), 12);
    const readAt: number[] = [];
    const tracks = new Set<number>();
    for (let at = 0; at <= 4000; at += 200) {
      for (const face of (await camera.read({ ...(at > 3000 && at % 400 === 0 ? shifted : still), at })).filter(isFace)) {
        readAt.push(face.at);
        tracks.add(face.track);
      }
    }
    assert.deepEqual(readAt, [0, 1000, 2000, 3000, 3200, 3400, 3600, 3800, 4000]);
    assert.deepEqual([...tracks], [1]);
  });

  test('finds nobody in noise, and says so after 2 s and every 5 s', needs(yunet), async () => {
    const camera = (await start()).camera({ id: 'cam', room: 'lab' });
    const said: number[] = [];
    for (let at = 0; at <= 13_000; at += 500) {
      for (const each of await camera.read(noise(at))) {
        const presence = observationSchema.parse(each);
        assert.ok(presence.modality === 'presence' && !presence.occupied && presence.people === 0);
        said.push(each.at);
      }
    }
    assert.deepEqual(said, [2000, 7000, 12_000]);
  });

  test('people who leave are reported gone', needs('ffmpeg', yunet, 'media/astronaut.png'), async () => {
    const camera = (await start()).camera({ id: 'cam', room: 'lab' });
    const portrait = await decodePicture(shared('media/astronaut.png'), size);
    const told: unknown[] = [];
    for (const frame of [{ ...portrait, at: 0 }, { ...portrait, at: 200 }, noise(1000), noise(1999), noise(2000)]) {
      const kinds = (await camera.read(frame)).map(({ modality }) => modality).join();
      told.push([kinds, camera.activity.moved, camera.activity.faces]);
    }
    assert.deepEqual(told, [
      ['face', true, 1],
      ['', false, 1],
      ['', true, 0],
      ['', false, 0],
      ['presence', false, 0],
    ]);
  });

  test('faces too small to be read are counted', needs('ffmpeg', yunet, 'media/obama_and_biden.jpg'), async () => {
    const camera = (await start()).camera({ id: 'cam', room: 'lab' });
    const small = await decodePicture(shared('media/obama_and_biden.jpg'), { width: 128, height: 96 });
    const observations = await camera.read(small);
    const [presence, ...others] = observations;
    assert.deepEqual(others, []);
    assert.ok(presence?.modality === 'presence' && presence.occupied);
    assert.ok(presence.people >= 1);
  });

  test('hears speech, and judges it', needs('ffmpeg', silero, 'media/jfk.flac'), async () => {
    const microphone = (await start()).microphone({ id: 'mic', room: 'lab' });
    const samples = await decodeSound(shared('media/jfk.flac'));
    const observations: Observation[] = [];
    for (let at = 0; at < samples.length; at += 1600) {
      const chunk = samples.subarray(at, at + 1600);
      observations.push(...(await microphone.push(chunk, ((at + chunk.length) * 1000) / 16_000)));
    }
    observations.push(...(await microphone.push(new Int16Array(5 * 16_000), 16_000)));
    const heard = observations.map((each) => observationSchema.parse(each)).filter(isVoice);
    const spoken = heard.filter(({ speech }) => speech);
    assert.ok(spoken.length >= 2);
    assert.ok(spoken.some(({ affect }) => affect?.arousal !== undefined && affect.valence === undefined));
    assert.ok(spoken.every(({ at }) => at <= 11_500));
    assert.deepEqual(
      heard.map(({ speech }) => speech),
      [...spoken.map(() => true), false],
    );
  });

  test('hears the same however the samples are cut', needs('ffmpeg', silero, 'media/jfk.flac'), async () => {
    const perception = await start();
    const samples = await decodeSound(shared('media/jfk.flac'));
    const listen = async (step: number) => {
      const microphone = perception.microphone({ id: 'mic', room: 'lab' });
      const heard: Observation[] = [];
      for (let at = 0; at < samples.length; at += step) {
        const chunk = samples.subarray(at, at + step);
        heard.push(...(await microphone.push(chunk, ((at + chunk.length) * 1000) / 16_000)));
      }
      return heard.map(({ at, id, ...rest }) => ({ ...rest, at: Math.round(at) }));
    };
    assert.deepEqual(await listen(333), await listen(samples.length));
  });

  test('takes neither noise nor silence for speech', needs(silero), async () => {
    const microphone = (await start()).microphone({ id: 'mic', room: 'lab' });
    let seed = 3;
    const hiss = Int16Array.from({ length: 10 * 16_000 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed % 2000) - 1000;
    });
    assert.deepEqual(await microphone.push(hiss, 10_000), []);
    assert.deepEqual(await microphone.push(new Int16Array(10 * 16_000), 20_000), []);
  });

  test('without any model but our own it does the whole job', async () => {
    const perception = await start({ dirs: [ownModels] });
    assert.deepEqual(
      settled.map(({ role, model, problem }) => [role, model, problem?.code ?? null]),
      [
        ['face-detection', 'own-face', null],
        ['face-emotion', 'own-fer-int8', null],
        ['voice-activity', 'own-vad', null],
        ['voice-arousal', 'own-arousal', null],
        ['voice-emotion', 'own-voice-emotion', null],
      ],
    );
    assert.deepEqual(await perception.camera({ id: 'cam', room: 'lab' }).read(noise(0)), []);
    assert.deepEqual(await perception.microphone({ id: 'mic', room: 'lab' }).push(new Int16Array(16_000), 0), []);
  });

  test('the model of text is loaded for the first message, once', async () => {
    const perception = await start({ dirs: [ownModels] });
    assert.ok(settled.every(({ role }) => role !== 'text-emotion'));
    const readings = await Promise.all([perception.read('I love this'), perception.read('I hate this')]);
    assert.deepEqual(
      readings.map((reading) => Math.sign(reading?.sentiment ?? 0)),
      [1, -1],
    );
    assert.equal(settled.filter(({ role }) => role === 'text-emotion').length, 1);
  });

  test('without a model of text a message is not read, and the reason is told', async () => {
    const perception = await start({ dirs: [join(ownModels, 'nowhere')] });
    assert.equal(await perception.read('I love this'), null);
    assert.equal(settled.at(-1)?.problem?.code, 'model.missing');
  });

  test('without a model for emotions faces are counted', needs('ffmpeg', yunet, 'media/astronaut.png'), async () => {
    const camera = (await start({ dirs: [shared('models')], manifest: await withoutEmotions() })).camera({ id: 'cam', room: 'lab' });
    const [presence] = await camera.read(await decodePicture(shared('media/astronaut.png'), size));
    assert.ok(presence?.modality === 'presence' && presence.occupied);
    assert.equal(presence.people, 1);
  });

  test('a closed reader reads nothing more, and a closed perception has waited for its readers', needs(yunet), async () => {
    const perception = await start();
    const camera = perception.camera({ id: 'cam', room: 'lab' });
    const reading = camera.read(noise(0));
    await perception.close();
    assert.deepEqual(await reading, []);
    assert.deepEqual(await camera.read(noise(9000)), []);
    await perception.close();
  });
});

/** The manifest as if the emotion model had been swapped for another file. */
async function withoutEmotions(): Promise<Manifest> {
  const manifest = await loadManifest();
  return {
    ...manifest,
    models: manifest.models.map((each) => (each.role === 'face-emotion' ? { ...each, sha256: '0'.repeat(64) } : each)),
  };
}

describe('a file that the manifest names but that is no model', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'roomtone-model-'));
  });
  after(() => rm(dir, { recursive: true }));

  test('is reported, and the rest runs', async () => {
    await writeFile(join(dir, 'broken.onnx'), 'abc');
    const manifest = await loadManifest();
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const broken = { ...manifest.models[0], id: 'broken', role: 'voice-activity', file: 'broken.onnx', bytes: 3, sha256 } as const;
    const models = [...manifest.models.filter(({ role }) => role !== 'voice-activity'), broken] as Manifest['models'];
    const settled: Settled[] = [];
    const perception = new Perception({
      log: pino({ level: 'silent' }),
      dirs: [ownModels, dir],
      threads: 1,
      manifest: { v: 1, models },
      onModel: (role, model, problem) => settled.push({ role, model, problem }),
    });
    await perception.start();
    await perception.close();
    const voice = settled.find(({ role }) => role === 'voice-activity');
    assert.equal(voice?.problem?.code, 'model.invalid');
    assert.equal(voice.problem.params.model, 'broken');
    assert.equal(settled.find(({ role }) => role === 'face-emotion')?.model, 'own-fer-int8');
  });
});

describe('models that a user brought', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'roomtone-model-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** Writes a network and its description, has it preferred, and tells how the roles of a camera were settled. */
  async function settle(network: Uint8Array): Promise<Settled[]> {
    await writeFile(join(dir, 'mine.onnx'), network);
    const sha256 = createHash('sha256').update(network).digest('hex');
    const labels = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];
    const description = { id: 'mine', role: 'face-emotion', file: 'mine.onnx', bytes: network.length, sha256, labels };
    await writeFile(join(dir, 'mine.json'), JSON.stringify(description));
    const settled: Settled[] = [];
    const perception = new Perception({
      ...{ log: pino({ level: 'silent' }), dirs: [dir, ownModels], threads: 1, prefer: { 'face-emotion': 'mine' } },
      onModel: (role, model, problem) => settled.push({ role, model, problem }),
    });
    await perception.need(['face-emotion']);
    await perception.close();
    return settled;
  }

  test('one that fits is used', async () => {
    const settled = await settle(tinyNetwork({ channels: 1, side: 48, columns: 7, softmax: true }));
    assert.deepEqual(settled, [{ role: 'face-emotion', model: 'mine', problem: null }]);
  });

  test('one that does not fit is told, and the next is used', async () => {
    const [first] = await settle(tinyNetwork({ channels: 3, side: 48, columns: 7 }));
    assert.deepEqual([first?.model, first?.problem?.code], ['own-fer-int8', 'model.unfit']);
  });

  test('scores that are no probabilities, though it says so, are told too', async () => {
    const [first] = await settle(tinyNetwork({ channels: 1, side: 48, columns: 7, bias: new Array(7).fill(-3) }));
    assert.deepEqual([first?.model, first?.problem?.code], ['own-fer-int8', 'model.unfit']);
    assert.match(String(first?.problem?.params.what), /class probabilities add up to/);
  });
});

describe('what docs/models.md shows', async () => {
  const text = await readFile(join(ownModels, '../docs/models.md'), 'utf8');
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json ?? ''));
  const { models } = await loadManifest();

  test('works when it is copied', async () => {
    const [description] = examples;
    const dir = await mkdtemp(join(tmpdir(), 'roomtone-model-'));
    const network = models.find(({ sha256 }) => sha256 === description.sha256);
    assert.ok(network, 'the example describes one of our own files');
    await copyFile(join(ownModels, network.file), join(dir, description.file));
    await writeFile(join(dir, 'my-fer.json'), JSON.stringify(description));
    const settled: Settled[] = [];
    const perception = new Perception({
      ...{ log: pino({ level: 'silent' }), dirs: [dir], threads: 1, prefer: { 'face-emotion': 'my-fer' } },
      onModel: (role, model, problem) => settled.push({ role, model, problem }),
    });
    await perception.need(['face-emotion']);
    await perception.close();
    assert.deepEqual(settled, [{ role: 'face-emotion', model: 'my-fer', problem: null }]);
    await rm(dir, { recursive: true });
  });

  test('describes EmotiEffLib’s network as the manifest does', () => {
    const parsed = modelEntrySchema.parse({ ...models.find(({ id }) => id === 'enet-b0-8-va-mtl'), ...examples[1] });
    assert.deepEqual(
      parsed,
      models.find(({ id }) => id === 'enet-b0-8-va-mtl'),
    );
  });
});

describe('only what is needed', () => {
  test('is loaded, once; of a role that nobody needs any more nothing is said', async () => {
    const told: string[] = [];
    const { v, models } = await loadManifest();
    const manifest = { v, models: models.filter(({ id }) => id !== 'own-face') };
    const perception = new Perception({
      ...{ log: pino({ level: 'silent' }), dirs: [ownModels], threads: 1, manifest },
      onModel: (role, model, problem) => told.push(`${role} ${model ?? problem?.code ?? 'not needed'}`),
    });
    const since = (): string[] => told.splice(0);
    await perception.need(['voice-arousal']);
    assert.deepEqual(since(), ['voice-arousal own-arousal']);
    await perception.need(['voice-arousal', 'face-detection', 'face-emotion']);
    assert.deepEqual(since(), ['face-detection model.missing', 'face-emotion own-fer-int8']);
    await perception.need(['voice-arousal']);
    assert.deepEqual(since(), ['face-detection not needed']);
    await perception.need(['face-detection', 'face-emotion']);
    assert.deepEqual(since(), ['face-detection model.missing']);
    assert.ok(perception.session('voice-arousal'), 'a session that was made stays');
    await perception.close();
  });

  test('on as many threads as were measured, for the networks of pictures', async () => {
    const reports: { key: string; threads: number; tuned: boolean }[] = [];
    const load = async (tuning: Tuning | null) => {
      const perception = new Perception({
        ...{ log: pino({ level: 'silent' }), dirs: [ownModels], threads: 'auto', tuning },
        ...{ onModel: () => {}, onThreads: (report) => reports.push(report) },
      });
      await perception.start();
      await perception.close();
      return reports.at(-1);
    };
    const first = await load(null);
    assert.equal(first?.threads, 1);
    assert.deepEqual(await load({ key: first.key, threads: 3 }), { key: first.key, threads: 3, tuned: true });
    assert.equal((await load({ key: 'of another machine', threads: 3 }))?.threads, 1);
    assert.equal(reports.length, 3, 'told once for all networks');
  });
});

describe('the networks', () => {
  test('a batch of faces gives what each gives alone', async () => {
    const { 'face-emotion': found } = await resolveModels([ownModels]);
    assert.ok('path' in found);
    const session = await openSession(found, 1);
    const net = new EmotionNet(session, found.entry);
    const picture = noise(0);
    const faces = [1, 2, 3, 4, 5].map((k) => ({ box: { left: 70 * k, top: 40 * k, width: 20 * k, height: 24 * k } }));
    for (const [index, face] of faces.entries()) net.put(index, picture, face);
    const together = await net.classify(faces.length);
    assert.equal(together.length, faces.length);
    for (const [index, face] of faces.entries()) {
      net.put(0, picture, face);
      const [alone] = await net.classify(1);
      for (const [emotion, probability] of Object.entries(together[index]?.probabilities ?? {})) {
        assert.ok(Math.abs(probability - (alone?.probabilities[emotion as keyof Probabilities] ?? Number.NaN)) < 1e-3);
      }
    }
    await session.release();
  });

  test(
    'the detector with a fixed input and the dynamic one find the same faces',
    needs('ffmpeg', yunet, 'models/yunet_s_640_640.onnx', 'media/obama_and_biden.jpg'),
    async () => {
      const manifest = await loadManifest();
      const picture = await decodePicture(shared('media/obama_and_biden.jpg'), size);
      const detect = async (id: string) => {
        const models = manifest.models.filter((each) => each.role !== 'face-detection' || each.id === id);
        const { 'face-detection': found } = await resolveModels(dirs, { ...manifest, models });
        assert.ok('path' in found);
        const session = await openSession(found, 1);
        const faces = await new FaceDetector(session).detect(picture);
        await session.release();
        return faces.map(({ box }) => [box.left, box.top, box.width, box.height]);
      };
      const [fixed, dynamic] = [await detect('yunet-2023mar'), await detect('yunet-dynamic')];
      assert.equal(fixed.length, 3);
      for (const [i, box] of fixed.entries()) {
        for (const [j, value] of box.entries()) assert.ok(Math.abs(value - (dynamic[i]?.[j] ?? Number.NaN)) < 3);
      }
    },
  );

  test(
    'a frame larger than the detector takes is read smaller, and its boxes are in its own pixels',
    needs('ffmpeg', yunet, 'media/astronaut.png'),
    async () => {
      const { 'face-detection': found } = await resolveModels(dirs);
      assert.ok('path' in found);
      const session = await openSession(found, 1);
      const detector = new FaceDetector(session);
      const [small] = await detector.detect(await decodePicture(shared('media/astronaut.png'), size));
      const [large] = await detector.detect(await decodePicture(shared('media/astronaut.png'), { width: 1280, height: 720 }));
      await session.release();
      assert.ok(small && large);
      for (const side of ['left', 'top', 'width', 'height'] as const) assert.ok(Math.abs(large.box[side] / 2 - small.box[side]) < 4);
    },
  );
});
