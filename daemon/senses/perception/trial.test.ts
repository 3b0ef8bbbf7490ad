import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { needs, shared } from '../../../test/helpers/needs.ts';
import { type TinyNetwork, tinyNetwork } from '../../../test/helpers/onnx.ts';
import { RoomtoneError } from '../../api/errors.ts';
import { render } from '../../api/render.ts';
import { type FoundModel, loadManifest, type ModelEntry, modelEntrySchema, resolveModels } from './models.ts';
import { openModel } from './provider.ts';

const ownModels = join(import.meta.dirname, '../../../models');
const SEVEN = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];

/** A facial-emotion model as a user would describe it, whose file is the tiny network. */
function described(network: TinyNetwork, description: Record<string, unknown> = {}): FoundModel {
  const bytes = tinyNetwork(network);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const base = { id: 'mine', role: 'face-emotion', file: 'mine.onnx', bytes: bytes.length, sha256, labels: SEVEN };
  return { entry: modelEntrySchema.parse({ ...base, ...description }), path: 'mine.onnx', bytes };
}

const open = async (model: FoundModel): Promise<void> => (await openModel(model, { threads: 1 })).session.release();

async function refusal(model: FoundModel): Promise<string> {
  const error: unknown = await open(model).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RoomtoneError, 'it was taken');
  const sentence = render(error.code, error.params);
  assert.doesNotMatch(sentence, /\{\w+\}/);
  return sentence;
}

suite('a model is tried before it is used', () => {
  test('one that fits is taken: grey or in color, alone or in batches, with or without affect', async () => {
    await open(described({ channels: 1, side: 48, columns: 7, softmax: true }));
    await open(
      described({ channels: 3, side: 224, columns: 9 }, { face: { side: 224, color: 'rgb', affect: { valence: 7, arousal: 8 } } }),
    );
    await open(described({ channels: 1, side: 64, columns: 7, batch: 1, input: 'Input3' }, { face: { side: 64, scores: 'logits' } }));
  });

  test('what differs is said: shape, color, classes, affect', async () => {
    const fits = /The model mine does not do what face-emotion needs, so it is not used: /;
    const other = await refusal(described({ channels: 1, side: 64, columns: 7 }));
    assert.match(other, fits);
    assert.match(other, /its input "input" has the shape \[n, 1, 64, 64\], and \[1, 1, 48, 48\] is given/);
    assert.match(await refusal(described({ channels: 3, side: 48, columns: 7 })), /\[n, 3, 48, 48\], and \[1, 1, 48, 48\]/);
    assert.match(
      await refusal(described({ channels: 1, side: 48, columns: 8 })),
      /its output "output" is float32 \[1, 8\], not float32 \[1, 7\]/,
    );
    const affect = { face: { affect: { valence: 7, arousal: 8 } } };
    assert.match(await refusal(described({ channels: 1, side: 48, columns: 7 }, affect)), /\[1, 7\], not float32 \[1, 9\]/);
  });

  test('a class that stands for no emotion is said', async () => {
    const labels = [...SEVEN.slice(1), 'boredom'];
    assert.match(await refusal(described({ channels: 1, side: 48, columns: 7 }, { labels })), /"boredom"/);
  });

  test('a file of another role is told by its inputs', async () => {
    const network = { channels: 1, side: 48, columns: 7 };
    assert.match(await refusal(described(network, { role: 'voice-arousal' })), /it has no input "samples"; its inputs are "input"/);
    assert.match(await refusal(described(network, { role: 'voice-activity' })), /it has no input "state"/);
    const picture = { channels: 3, side: 64, columns: 7 };
    assert.match(await refusal(described(picture, { role: 'face-detection' })), /it has no output "cls_8"; its outputs are "output"/);
  });

  test('numbers that are none are noticed', async () => {
    const network = { channels: 1, side: 48, columns: 7, bias: [Number.POSITIVE_INFINITY] };
    assert.match(await refusal(described(network)), /its output "output" holds numbers that are not finite/);
  });

  test('every model that comes with the program fits its role', async () => {
    for (const found of Object.values(await resolveModels([ownModels]))) if ('path' in found) await open(found);
  });

  const others = ['models/face_detection_yunet_2026may.onnx', 'models/yunet_s_640_640.onnx', 'models/silero_vad_16k_op15.onnx'];
  test('and those of others that are at hand', needs(...others), async () => {
    const { models } = await loadManifest();
    const atHand = (entry: ModelEntry): boolean => others.includes(`models/${entry.file}`);
    for (const entry of models.filter(atHand)) {
      const rest = models.filter(({ role }) => role !== entry.role);
      const { [entry.role]: found } = await resolveModels([shared('models')], { v: 1, models: [...rest, entry] });
      assert.ok('path' in found, entry.id);
      await open(found);
    }
  });
});
