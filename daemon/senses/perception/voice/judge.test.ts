import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VoiceJudge } from './judge.ts';
import type { Spoken } from './listener.ts';

const spoken = (form: number | null, speech = 100): Spoken => ({
  segment: { speech, pauses: 10, trailing: 13, probability: 0.9 },
  prosody: { pitch: 7.4, pitchMovement: 0.43, tilt: -18.8, level: -30 },
  form,
  emotions: null,
});

test('a voice is judged against what its microphone ordinarily hears', () => {
  const judge = new VoiceJudge();
  const first = judge.take(spoken(0.5));
  for (let i = 0; i < 30; i++) judge.take(spoken(0.5));
  const used = judge.take(spoken(0.5));
  assert.ok(first && used);
  assert.ok(first.arousal > 0.4);
  assert.ok(Math.abs(used.arousal) < 0.05);
  assert.ok(used.confidence > first.confidence);
});

test('no utterance is judged against itself', () => {
  assert.equal(new VoiceJudge().take(spoken(0.9))?.arousal, Math.tanh(1));
});

test('less than a second of speech is not judged, nor is a whisper, and neither becomes the ordinary', () => {
  const judge = new VoiceJudge();
  assert.equal(judge.take(spoken(0.9, 31)), null);
  assert.equal(judge.take({ ...spoken(0.9), prosody: null }), null);
  assert.equal(judge.take(spoken(0.9))?.arousal, Math.tanh(1));
});

test('without the network the formula judges', () => {
  const judge = new VoiceJudge();
  const ordinary = judge.take(spoken(null));
  const excited: Spoken = { ...spoken(null), prosody: { pitch: 14, pitchMovement: 1.5, tilt: -12, level: -26 } };
  assert.ok(ordinary && Math.abs(ordinary.arousal) < 0.15);
  assert.ok((judge.take(excited)?.arousal ?? 0) > 0.3);
});

test('vocal stress comes once the room is known', () => {
  const judge = new VoiceJudge();
  const given = Array.from({ length: 4 }, () => judge.take(spoken(0))?.vocalStress !== undefined);
  assert.deepEqual(given, [false, false, false, true]);
});
