import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ModelView } from '../daemon/api/views.ts';
import { cloneProgram } from './helpers/clone.ts';
import { COMMON, Daemon } from './helpers/daemon.ts';
import { needs } from './helpers/needs.ts';

/** What a fresh clone does with a film of a face: nothing is fetched, and nothing lies beside it. */
suite('a bare machine', needs('ffmpeg'), () => {
  const program = cloneProgram();
  const film = join(import.meta.dirname, 'fixtures/portrait.mp4');
  let daemon: Daemon;

  before(async () => {
    daemon = await Daemon.start({
      program,
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources: [{ id: cam, kind: camera, url: "file:${film}" }]
    devices: [virtual:lamp]
`,
    });
  });

  after(async () => {
    await daemon?.close();
    rmSync(dirname(program), { recursive: true });
  });

  test('reads the mood of the face', async () => {
    const mood = await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
    assert.equal(mood.emotion, 'happiness');
    assert.equal(mood.occupancy, true);
    assert.deepEqual((await daemon.house()).problems, []);
  });

  test('by models that came with it, and says which of them stand in for better ones', async () => {
    const models = await daemon.get<ModelView[]>('/api/models');
    const inUse = models.filter(({ state }) => state === 'in-use').map(({ id }) => id);
    assert.ok(inUse.includes('own-face'), inUse.join(', '));
    assert.ok(models.every(({ state, id }) => state !== 'in-use' || id.startsWith('own-')));
    assert.match(daemon.output, /Models that stand in until better ones are fetched .*: own-face for yunet-dynamic, /);
  });

  test('keeps nothing but numbers: no picture lies in its data folder', () => {
    const files = readdirSync(daemon.dir, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((file) => /\.(jpe?g|png|mp4|raw|rgb|part|onnx)$/.test(file)),
      [],
    );
  });
});
