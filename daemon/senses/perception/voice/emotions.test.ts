import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromWeights, strongest } from '../../../mood/affect.ts';
import { EMOTIONS, type Emotion } from '../../../mood/emotion.ts';
import { VoiceEmotions } from './emotions.ts';

const mostly = (strong: Emotion) => fromWeights((each) => (each === strong ? 24 : 1));

test('nothing is said until the ordinary voice is known', () => {
  const emotions = new VoiceEmotions();
  const given = Array.from({ length: 4 }, () => emotions.take(mostly('anger')) !== undefined);
  assert.deepEqual(given, [false, false, false, true]);
});

test('a microphone that everything sounds disgusted through hears what differs from that', () => {
  const emotions = new VoiceEmotions();
  for (let i = 0; i < 5; i++) emotions.take(mostly('disgust'));
  const same = emotions.take(mostly('disgust'));
  const angry = emotions.take(mostly('anger'));
  assert.ok(same && angry);
  assert.equal(strongest(same), 'neutral');
  assert.equal(strongest(angry), 'anger');
});

test('whatever is heard, one utterance does not shout', () => {
  const distribution = fc
    .array(fc.integer({ min: 0, max: 1000 }), { minLength: 7, maxLength: 7 })
    .filter((weights) => weights.some((each) => each > 0))
    .map((weights) => fromWeights((emotion) => weights[EMOTIONS.indexOf(emotion)] ?? 0));
  fc.assert(
    fc.property(fc.array(distribution, { minLength: 4, maxLength: 12 }), (heard) => {
      const emotions = new VoiceEmotions();
      const last = heard.map((each) => emotions.take(each)).at(-1);
      assert.ok(last);
      assert.ok(Math.abs(Object.values(last).reduce((sum, each) => sum + each, 0) - 1) < 1e-9);
      for (const emotion of EMOTIONS) assert.ok(last[emotion] > 1e-4 && last[emotion] < 0.999);
    }),
  );
});
