import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { render } from '../../api/render.ts';
import { ROLES } from '../protocol.ts';
import { loadManifest, type Manifest, type ModelEntry, type ModelProblem, type Resolution, resolveModels } from './models.ts';

const repositoryModels = join(import.meta.dirname, '../../../models');

const entry = (over: Partial<ModelEntry> & { content: string }): ModelEntry => {
  const { content, ...rest } = over;
  return {
    id: 'some',
    role: 'face-detection',
    version: '1',
    file: 'some.onnx',
    bytes: Buffer.byteLength(content),
    sha256: createHash('sha256').update(content).digest('hex'),
    licence: 'MIT',
    trainedOn: 'pictures',
    source: 'somewhere',
    url: 'https://example.org/some.onnx',
    input: '',
    output: '',
    labels: [],
    accuracy: '',
    cost: '',
    ...rest,
  };
};

const others = ROLES.filter((role) => role !== 'face-detection').map((role) =>
  entry({ content: role, id: role, role, file: `${role}.onnx` }),
);
const manifestOf = (...models: ModelEntry[]): Manifest => ({ v: 1, models: [...models, ...others] });

const problemOf = (resolution: Resolution): ModelProblem => {
  assert.ok('problem' in resolution);
  return resolution.problem;
};

describe('models are resolved', () => {
  let first = '';
  let second = '';

  beforeEach(async () => {
    first = await mkdtemp(join(tmpdir(), 'roomtone-models-'));
    second = await mkdtemp(join(tmpdir(), 'roomtone-models-'));
  });
  afterEach(async () => {
    await rm(first, { recursive: true });
    await rm(second, { recursive: true });
  });

  test('the committed model is the one the manifest names', async () => {
    const { 'face-emotion': emotion } = await resolveModels([repositoryModels]);
    assert.ok('path' in emotion);
    assert.equal(emotion.entry.id, 'own-fer-int8');
  });

  test('the manifest leaves nothing unsaid, and what can be fetched comes over HTTPS from a fixed commit', async () => {
    const { models } = await loadManifest();
    for (const { id, url, labels, role, recommended, ...rest } of models) {
      for (const [key, value] of Object.entries(rest)) assert.ok(value !== '' && value !== 'not said', `${id}: ${key}`);
      assert.match(
        url ?? 'https://github.com/x/y/raw/0000000000000000000000000000000000000000/',
        /^https:\/\/github\.com\/\S+\/raw\/[0-9a-f]{40}\//,
      );
      assert.equal(labels.length > 0, !['face-detection', 'voice-arousal'].includes(role), id);
      assert.ok(!recommended || url, id);
    }
    assert.equal(new Set(models.map(({ id }) => id)).size, models.length);
    const covered = new Set(models.filter(({ recommended }) => recommended).map(({ role }) => role));
    assert.deepEqual([...covered], ['face-detection', 'face-emotion', 'voice-activity']);
  });

  test('with the bytes that were hashed', async () => {
    await writeFile(join(second, 'some.onnx'), 'good');
    const { 'face-detection': found } = await resolveModels([first, second], manifestOf(entry({ content: 'good' })));
    assert.ok('path' in found);
    assert.equal(found.path, join(second, 'some.onnx'));
    assert.equal(Buffer.from(found.bytes).toString(), 'good');
  });

  test('a file of the right size with other bytes is refused', async () => {
    await writeFile(join(first, 'some.onnx'), 'evil');
    const { 'face-detection': found } = await resolveModels([first], manifestOf(entry({ content: 'good' })));
    const { code, params } = problemOf(found);
    assert.equal(code, 'model.digest_mismatch');
    assert.equal(params.file, join(first, 'some.onnx'));
    assert.doesNotMatch(render(code, params), /\{/);
  });

  test('a file of another size is refused', async () => {
    await writeFile(join(first, 'some.onnx'), 'good, and more');
    const { 'face-detection': found } = await resolveModels([first], manifestOf(entry({ content: 'good' })));
    assert.equal(problemOf(found).code, 'model.digest_mismatch');
  });

  test('a wrong file does not hide a right one in a later folder, and is told of', async () => {
    await writeFile(join(first, 'some.onnx'), 'evil');
    await writeFile(join(second, 'some.onnx'), 'good');
    const { 'face-detection': found } = await resolveModels([first, second], manifestOf(entry({ content: 'good' })));
    assert.ok('path' in found);
    assert.equal(found.path, join(second, 'some.onnx'));
    assert.deepEqual([found.refused?.code, found.refused?.params.file], ['model.digest_mismatch', join(first, 'some.onnx')]);
  });

  test('the entry listed first wins, wherever it lies', async () => {
    await writeFile(join(first, 'spare.onnx'), 'spare');
    await writeFile(join(second, 'some.onnx'), 'good');
    const manifest = manifestOf(entry({ content: 'good' }), entry({ content: 'spare', id: 'spare', file: 'spare.onnx' }));
    const { 'face-detection': found } = await resolveModels([first, second], manifest);
    assert.ok('path' in found);
    assert.equal(found.entry.id, 'some');
  });

  test('a missing one is said with where to get it and where to put it', async () => {
    const { 'face-detection': found } = await resolveModels([first, second], manifestOf(entry({ content: 'good' })));
    assert.deepEqual(problemOf(found), {
      code: 'model.missing',
      params: { role: 'face-detection', file: 'some.onnx', url: 'https://example.org/some.onnx', folder: first },
    });
    assert.doesNotMatch(render('model.missing', problemOf(found).params), /\{/);
  });

  test('a manifest that names a path outside the folder is refused', async () => {
    const file = join(first, 'manifest.json');
    await writeFile(file, JSON.stringify(manifestOf(entry({ content: 'good', file: '../../etc/passwd' }))));
    await assert.rejects(loadManifest(file));
  });
});
