import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { InferenceSession } from 'onnxruntime-node';
import { EMOTIONS, type Emotion, type Probabilities } from '../../../mood/emotion.ts';
import { resolveModels } from '../models.ts';
import { openSession } from '../session.ts';
import { sentimentOf, TextReader } from './reader.ts';

const pure = (emotion: Emotion): Probabilities =>
  Object.fromEntries(EMOTIONS.map((each) => [each, each === emotion ? 1 : 0])) as unknown as Probabilities;

describe('sentiment', () => {
  test('is what is pleasant less what is not', () => {
    assert.equal(sentimentOf(pure('happiness')), 1);
    for (const emotion of ['sadness', 'anger', 'fear', 'disgust'] as const) assert.equal(sentimentOf(pure(emotion)), -1);
    for (const emotion of ['neutral', 'surprise'] as const) assert.equal(sentimentOf(pure(emotion)), 0);
  });
});

describe('messages are read by the committed model', () => {
  let session: InferenceSession;
  let reader: TextReader;

  before(async () => {
    const { 'text-emotion': model } = await resolveModels([join(import.meta.dirname, '../../../../models')]);
    assert.ok('path' in model);
    session = await openSession(model, 1);
    reader = await TextReader.open(session, model.entry.labels);
  });
  after(() => session.release());

  const strongest = async (text: string): Promise<Emotion | undefined> => {
    const { probabilities } = await reader.read(text);
    return EMOTIONS.toSorted((a, b) => probabilities[b] - probabilities[a])[0];
  };

  test('plain words of each emotion', async () => {
    assert.equal(await strongest('I love this, thank you so much!'), 'happiness');
    assert.equal(await strongest('I am so sad and I miss her'), 'sadness');
    assert.equal(await strongest('I hate you, fuck off you idiot'), 'anger');
    assert.equal(await strongest('I am terrified, this is scary'), 'fear');
    assert.equal(await strongest('That is disgusting and gross'), 'disgust');
    assert.equal(await strongest('Wow, what a surprise?'), 'surprise');
    assert.equal(await strongest('The train leaves from platform two.'), 'neutral');
  });

  test('sentiment follows, and sarcasm weakens it and the confidence', async () => {
    const glad = await reader.read('I love this');
    const ironic = await reader.read('I love this /s');
    assert.ok(glad.sentiment > 0.5);
    assert.ok((await reader.read('I hate this')).sentiment < -0.3);
    assert.ok(Math.abs(ironic.sentiment) < 0.5 * glad.sentiment);
    assert.ok(ironic.confidence < 0.5 * glad.confidence);
    assert.deepEqual(ironic.flags, ['sarcasm']);
  });

  test('whatever the text, the reading is a distribution', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const { probabilities, sentiment, confidence } = await reader.read(text);
        const sum = EMOTIONS.reduce((total, emotion) => total + probabilities[emotion], 0);
        assert.ok(Math.abs(sum - 1) < 1e-5);
        assert.ok(sentiment >= -1 && sentiment <= 1);
        assert.ok(confidence >= 0 && confidence <= 1);
      }),
      { numRuns: 50 },
    );
  });

  test('an endless text is read as far as the bound, and no further', async () => {
    const start = 'so good '.repeat(500);
    assert.deepEqual(await reader.read(`${start}${'terrible '.repeat(1000)}`), await reader.read(start));
  });
});
