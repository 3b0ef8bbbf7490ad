import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { loadManifest } from './models.ts';
import { fewest, measure, mostThreads, tuningKey } from './tuning.ts';

const ownModels = join(import.meta.dirname, '../../../models');

suite('how many threads', () => {
  const chosen = (...ms: number[]): number => fewest(ms.map((each, index) => ({ threads: index + 1, ms: each })));

  test('the fewest that come within a tenth of the fastest', () => {
    assert.equal(chosen(10), 1);
    assert.equal(chosen(10, 5.5, 5, 4.9), 3);
    assert.equal(chosen(10, 5.3, 5, 4.9), 2);
    assert.equal(chosen(5, 6, 7, 8), 1);
    assert.equal(chosen(10, 9.2, 9.1, 9.1), 1);
    assert.equal(chosen(), 1);
  });

  test('the networks that are there are timed with one thread to as many as the machine may spare', async () => {
    const { models } = await loadManifest();
    const { key, threads, timings } = await measure(models, [ownModels]);
    assert.deepEqual(
      timings.map((each) => each.threads),
      Array.from({ length: mostThreads() }, (_, index) => index + 1),
    );
    assert.ok(timings.every(({ ms }) => ms > 0 && ms < 60_000));
    assert.equal(threads, fewest(timings));
    assert.equal(key, await tuningKey(models, [ownModels]));
  });

  test('other networks are another key; those of sound and text are not', async () => {
    const { models } = await loadManifest();
    const key = await tuningKey(models, [ownModels]);
    assert.notEqual(await tuningKey(models, []), key);
    assert.notEqual(
      await tuningKey(
        models.filter(({ id }) => id !== 'own-fer-int8'),
        [ownModels],
      ),
      key,
    );
    assert.equal(
      await tuningKey(
        models.filter(({ role }) => role.startsWith('face')),
        [ownModels],
      ),
      key,
    );
  });
});
