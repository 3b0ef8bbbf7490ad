import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSound } from '../../../../test/helpers/decode.ts';
import { needs, shared } from '../../../../test/helpers/needs.ts';
import { arousalOf, VoiceBaseline } from './arousal.ts';
import { type Prosody, ProsodyAnalyzer } from './prosody.ts';
import { CHUNK } from './vad.ts';

const ordinary: Prosody = { pitch: 7, pitchMovement: 0.8, tilt: -15, level: -30 };

test('arousal rises with pitch, its movement, brightness and loudness', () => {
  const base = arousalOf(ordinary, ordinary);
  for (const feature of ['pitch', 'pitchMovement', 'tilt', 'level'] as const) {
    assert.ok(arousalOf({ ...ordinary, [feature]: ordinary[feature] + 3 }, ordinary) > base, feature);
  }
  assert.ok(Math.abs(base) < 0.15);
});

test('a voice however loud counts no more than 6 dB', () => {
  const louder = (by: number) => arousalOf({ ...ordinary, level: ordinary.level + by }, ordinary);
  assert.equal(louder(6), louder(40));
  assert.equal(louder(-6), louder(-40));
});

test('arousal stays within -1..1', () => {
  const number = fc.double({ min: -200, max: 200, noNaN: true });
  const prosody = fc.record({ pitch: number, pitchMovement: number, tilt: number, level: number });
  fc.assert(fc.property(prosody, prosody, (a, b) => Math.abs(arousalOf(a, b)) <= 1));
});

test('the baseline comes to the speaker, whoever that is, and no clip is judged against itself', () => {
  const baseline = new VoiceBaseline();
  assert.equal(baseline.trust, 0);
  const high = { ...ordinary, pitch: 15 };
  const first = arousalOf(high, baseline.take(high));
  let last = first;
  for (let i = 0; i < 30; i++) last = arousalOf(high, baseline.take(high));
  assert.ok(first > 0.2);
  assert.ok(Math.abs(last - arousalOf(high, high)) < 0.1);
  assert.ok(baseline.trust > 0.9);
});

/** Without the level, which in EmoDB follows the hand on the recorder. */
async function prosodyOf(clip: string): Promise<Prosody> {
  const samples = Float32Array.from(await decodeSound(shared(clip)), (sample) => sample / 32_768);
  const analyzer = new ProsodyAnalyzer();
  for (let at = 0; at + CHUNK <= samples.length; at += CHUNK) analyzer.push(samples.subarray(at, at + CHUNK));
  const prosody = analyzer.finish();
  assert.ok(prosody);
  return { ...prosody, level: 0 };
}

test('EmoDB: anger is read above neutral, sadness below', needs('ffmpeg', 'datasets/emodb/03a05Nd.flac'), async () => {
  for (const names of [
    ['03a05Nd', '03a05Wa', '03a05Tc'],
    ['08a02Na', '08a02Wc', '08a02Tb'],
  ]) {
    const clips = await Promise.all(names.map((name) => prosodyOf(`datasets/emodb/${name}.flac`)));
    const [neutral, anger, sadness] = clips as [Prosody, Prosody, Prosody];
    assert.ok(arousalOf(anger, neutral) > 0.2);
    assert.ok(arousalOf(sadness, neutral) < 0);
  }
});

test('noise and silence have no prosody', () => {
  const analyzer = new ProsodyAnalyzer();
  for (let i = 0; i < 60; i++) analyzer.push(new Float32Array(CHUNK));
  assert.equal(analyzer.finish(), null);
});
