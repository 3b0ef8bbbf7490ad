import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InferenceSession } from 'onnxruntime-node';
import { onnxModel } from '../../../../test/helpers/onnx.ts';
import type { Frame } from '../frame.ts';
import { faceContractSchema } from './contract.ts';
import { type EmotionModel, EmotionNet } from './emotion-net.ts';

/** AffectNet's eight classes in the order of EmotiEffLib's networks. */
const EMOTIEFF = ['anger', 'contempt', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];
/** EmotiEffLib's enet_b0_8_va_mtl: 224 px RGB, ImageNet's mean and deviation, logits, then valence and arousal. */
const MULTITASK: EmotionModel = {
  id: 'multitask',
  labels: EMOTIEFF,
  face: faceContractSchema.parse({
    side: 224,
    color: 'rgb',
    mean: [123.675, 116.28, 103.53],
    std: [58.395, 57.12, 57.375],
    scores: 'logits',
    affect: { valence: 8, arousal: 9 },
  }),
};
const FACE = { box: { left: 10, top: 10, width: 60, height: 60 } };

/** A frame of one colour. */
function paint(red: number, green: number, blue: number): Frame {
  const plane = 80 * 80;
  const data = new Uint8Array(3 * plane);
  for (const [number, value] of [green, blue, red].entries()) data.fill(value, number * plane, (number + 1) * plane);
  return { data, width: 80, height: 80, at: 0 };
}

/** A network whose output is a linear map of the means of its three input planes: `weights` by plane, then column. */
async function linear(shape: (number | string)[], weights: number[][]): Promise<InferenceSession> {
  const columns = weights[0]?.length ?? 0;
  return await InferenceSession.create(
    onnxModel({
      input: { name: 'pixels', shape },
      output: { name: 'scores', shape: [shape[0] as number | string, columns] },
      nodes: [
        { op: 'GlobalAveragePool', inputs: ['pixels'], outputs: ['means'] },
        { op: 'Flatten', inputs: ['means'], outputs: ['rows'] },
        { op: 'MatMul', inputs: ['rows', 'weights'], outputs: ['scores'] },
      ],
      constants: [{ name: 'weights', shape: [weights.length, columns], values: weights.flat() }],
    }),
  );
}

/** Red speaks for anger and arousal, green for happiness and valence, blue for neither. */
const RED = [9, 0, 0, 0, 0, 0, 0, 0, 0, 0.5];
const GREEN = [0, 0, 0, 0, 9, 0, 0, 0, 0.5, 0];
const BLUE = new Array<number>(10).fill(0);

describe('a facial-emotion network of another contract', () => {
  test('colour, normalization, logits and affect are those of its description', async () => {
    const session = await linear(['n', 3, 224, 224], [RED, GREEN, BLUE]);
    const net = new EmotionNet(session, MULTITASK);
    net.put(0, paint(123.675 + 58.395, 116.28, 0), FACE);
    net.put(1, paint(124, 116.28 + 57.12, 255), FACE);
    const [angry, happy] = await net.classify(2);
    await session.release();
    assert.ok((angry?.probabilities.anger ?? 0) > 0.98 && (happy?.probabilities.happiness ?? 0) > 0.98);
    assert.ok(Math.abs((angry?.affect?.arousal ?? 0) - 0.5) < 0.01 && Math.abs(angry?.affect?.valence ?? 1) < 0.01);
    assert.ok(Math.abs((happy?.affect?.valence ?? 0) - 0.5) < 0.01);
  });

  test('one that takes a single face at a time reads them all', async () => {
    const labels = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];
    const face = faceContractSchema.parse({ side: 112, color: 'rgb', mean: 127.5, std: 127.5, alignment: 'five-points', scores: 'logits' });
    const weights = [
      [9, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 9, 0, 0, 0],
      [0, 0, 0, 0, 0, 9, 0],
    ];
    const session = await linear([1, 3, 112, 112], weights);
    const net = new EmotionNet(session, { id: 'one-by-one', labels, face });
    for (const [i, color] of [paint(255, 0, 0), paint(0, 255, 0), paint(0, 0, 255)].entries()) net.put(i, color, FACE);
    const readings = await net.classify(3);
    await session.release();
    for (const [i, emotion] of (['anger', 'happiness', 'sadness'] as const).entries()) {
      assert.ok((readings[i]?.probabilities[emotion] ?? 0) > 0.98, emotion);
      assert.equal(readings[i]?.affect, undefined);
    }
  });

  test('affect beyond the scale is cut off', async () => {
    const session = await linear(['n', 3, 224, 224], [RED.map((w) => w * 100), GREEN.map((w) => w * 100), BLUE]);
    const net = new EmotionNet(session, MULTITASK);
    net.put(0, paint(255, 0, 0), FACE);
    assert.deepEqual((await net.classify(1))[0]?.affect, { valence: -1, arousal: 1 });
    await session.release();
  });

  test('one that is not as described is refused', async () => {
    const invalid = (what: RegExp) => (error: unknown) =>
      error instanceof Error && 'code' in error && error.code === 'model.invalid' && what.test(String(Reflect.get(error, 'params').what));
    const session = await linear(['n', 3, 224, 224], [RED, GREEN, BLUE]);
    assert.throws(() => new EmotionNet(session, { ...MULTITASK, labels: ['hunger'] }), invalid(/hunger/));
    assert.throws(() => new EmotionNet(session, { id: 'own', labels: EMOTIEFF }), invalid(/3 x 224 x 224, not of 1 x 48 x 48/));
    const narrow = await linear(['n', 3, 224, 224], [RED.slice(0, 8), GREEN.slice(0, 8), BLUE.slice(0, 8)]);
    await assert.rejects(new EmotionNet(narrow, MULTITASK).classify(1), invalid(/8 columns, and 10/));
    await Promise.all([session.release(), narrow.release()]);
  });
});
