import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { inOrder, loadManifest, type ModelEntry } from './models.ts';
import { readUserModels } from './user-models.ts';

suite('models that a user described', async () => {
  const { models } = await loadManifest();
  const [shipped] = models as [ModelEntry];
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-models-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const describe = (name: string, content: unknown): void => writeFileSync(join(dir, name), JSON.stringify(content));
  const field = (content: unknown): unknown => {
    describe('mine.json', content);
    const { entries, problems } = readUserModels(dir, models);
    assert.deepEqual([entries, problems[0]?.code, problems[0]?.params.file], [[], 'model.bad_description', join(dir, 'mine.json')]);
    return problems[0]?.params.field;
  };

  test('one that fits is an entry like those of the manifest', () => {
    describe('mine.json', { ...shipped, id: 'mine', file: 'mine.onnx' });
    writeFileSync(join(dir, 'notes.txt'), 'no description');
    assert.deepEqual(readUserModels(dir, models), { entries: [{ ...shipped, id: 'mine', file: 'mine.onnx' }], problems: [] });
  });

  test('one that does not is told with its file and field', () => {
    assert.equal(field({ ...shipped, id: 'mine', bytes: '12' }), 'bytes');
    assert.equal(field({ ...shipped, id: 'mine', role: 'smell' }), 'role');
    assert.equal(field({ ...shipped, id: 'mine', file: '../../etc/passwd' }), 'file');
    assert.equal(field({ ...shipped, id: 'mine', labels: ['a', 7] }), 'labels.1');
    assert.equal(field(shipped), 'id');
    assert.equal(field(null), 'file');
  });

  test('only what makes it work must be said', () => {
    const { id: _, file, bytes, sha256, role } = shipped;
    describe('mine.json', { id: 'mine', role, file, bytes, sha256 });
    const [mine] = readUserModels(dir, models).entries;
    assert.deepEqual([mine?.licence, mine?.accuracy, mine?.labels, mine?.url], ['not said', 'not measured', [], undefined]);
    assert.equal(field({ id: 'mine', role, file, bytes }), 'sha256');
    assert.equal(field({ ...shipped, id: 'mine', face: { side: 48, colour: 'grey' } }), 'face');
    assert.equal(field({ ...shipped, id: 'mine', url: 'file:///etc/passwd' }), 'url');
  });

  test('what is no JSON is told, and the others count', () => {
    writeFileSync(join(dir, 'a.json'), '{');
    describe('b.json', { ...shipped, id: 'b' });
    describe('c.json', { ...shipped, id: 'b' });
    const { entries, problems } = readUserModels(dir, models);
    assert.deepEqual(
      entries.map(({ id }) => id),
      ['b'],
    );
    assert.deepEqual(
      problems.map(({ params }) => params.field),
      ['file', 'id'],
    );
  });

  test('a folder that is not there has none', () => {
    assert.deepEqual(readUserModels(join(dir, 'nowhere'), models), { entries: [], problems: [] });
  });

  test('what a person chose for a role goes before all others, which keep their order', () => {
    const ids = (prefer?: Record<string, string>) => inOrder(models, prefer).map(({ id }) => id);
    const all = models.map(({ id }) => id);
    assert.deepEqual(ids(), all);
    assert.deepEqual(ids({ 'face-detection': 'nobody' }), all);
    const chosen = models.find(({ role, id }) => role === 'face-detection' && id !== shipped.id) as ModelEntry;
    const rest = all.filter((id) => id !== chosen.id);
    assert.deepEqual(ids({ 'face-detection': chosen.id }), [chosen.id, ...rest]);
    assert.deepEqual(ids({ 'voice-activity': chosen.id }), all);
  });
});
