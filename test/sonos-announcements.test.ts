import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restoreRuns } from './helpers/sonos-restore.ts';

test('an announcement leaves volumes, music, queues and groups as they were, whatever comes between; what a person does meanwhile stays', async (t) => {
  const { mismatches, played, interruptions } = await restoreRuns({ cases: 40, seed: 5 });
  t.diagnostic(`${played} of 40 were played; what came between: ${JSON.stringify(interruptions)}`);
  assert.deepEqual(mismatches, []);
  assert.ok(played >= 36);
});
