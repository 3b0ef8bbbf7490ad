// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../ambience/policy.ts';
import { fromWeights } from '../mood/affect.ts';
import type { Emotion } from '../mood/emotion.ts';
import type { LogEntry } from '../mood/log.ts';
import { allScenes } from './configuration.ts';
import { PolicyTrial } from './policy-trial.ts';
import { Replay, type ReplayHouse } from './replay.ts';

function face(emotion: Emotion, at: number): LogEntry {
  const probabilities = fromWeights((each) => (each === emotion ? 24 : 1));
  const common = { v: 1, id: `f${at}`, room: 'den', source: 'cam', confidence: 0.9, quality: 0.9 } as const;
  return { observation: { ...common, modality: 'face', at, track: 1, people: 1, probabilities } };
}

const rule = (when: Policy['when'], scene: string): Policy => ({ when, then: { scene, intensity: 100 }, for: 0, cooldown: 0 });

test('a trial tells which rule asked for what and when, and what kept the others from it', () => {
  const policies = [rule({ stressAbove: 95 }, 'soothe'), rule({ mood: ['cheerful'] }, 'energise'), rule({}, 'neutral')];
  const house: ReplayHouse = {
    moods: [{ id: 'den', smoothing: 1000, dwell: 2000 }],
    ambience: { rooms: [{ id: 'den', name: 'Den', devices: ['virtual:lamp'], policies: [] }], scenes: allScenes({}), policies },
  };
  const trial = new PolicyTrial(house);
  const lines: string[] = [];
  const replay = new Replay({
    house,
    onAsked: (change) => {
      const line = trial.onAsked(change);
      if (line) lines.push(`${line.asked?.scene} by rule ${line.asked?.rule}`);
    },
  });
  const log = Array.from({ length: 300 }, (_, i) => face(i < 150 ? 'neutral' : 'happiness', 1000 + i * 200));
  for (const event of log.flatMap((entry) => replay.take(entry))) {
    if ('mood' in event) trial.onMood(event.mood);
    else trial.onCommand(event.command.device);
  }
  const [den] = trial.end(1000 + 300 * 200);
  assert.deepEqual(lines, ['neutral by rule 2', 'energise by rule 1']);
  assert.deepEqual(
    den?.rules.map(({ acted }) => acted),
    [0, 1, 1],
  );
  assert.ok((den?.rules[2]?.inForce ?? 0) > 25_000);
  assert.equal(den?.rules[0]?.failed.stressAbove, den?.rules[0]?.moods);
  assert.equal(den?.changes, 2);
});
