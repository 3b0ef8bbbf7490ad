import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Tensor } from 'onnxruntime-node';
import { tinyNetwork } from '../../../test/helpers/onnx.ts';
import { render } from '../../api/render.ts';
import { type FoundModel, modelEntrySchema } from './models.ts';
import { disagreement, openModel } from './provider.ts';

const bytes = tinyNetwork({ channels: 1, side: 48, columns: 2 });
const labels = ['anger', 'neutral'];
const entry = modelEntrySchema.parse({ id: 'mine', role: 'face-emotion', file: 'mine.onnx', bytes: 1, sha256: '0'.repeat(64), labels });
const model: FoundModel = { entry, path: 'mine.onnx', bytes };

const tensors = (...values: number[]) => ({ output: new Tensor('float32', Float32Array.from(values), [1, values.length]) });

suite('what a model runs on', () => {
  test('is the CPU, where nothing else is known', async () => {
    const { session, provider, problem } = await openModel(model, { threads: 1 });
    assert.deepEqual([provider, problem], ['cpu', null]);
    await session.release();
  });

  test('is the CPU where an accelerator cannot be had, and that is said', async () => {
    const { session, provider, problem } = await openModel(model, { threads: 1, accelerators: ['nonesuch'] });
    assert.equal(provider, 'cpu');
    assert.equal(problem?.code, 'model.provider');
    assert.match(render('model.provider', problem.params), /^The model mine runs on the CPU and not on nonesuch: it .+\.$/);
    await session.release();
  });

  test('is the accelerator where it gives what the CPU gives', async () => {
    const { session, problem } = await openModel(model, { threads: 1, accelerators: ['nonesuch', 'cpu'] });
    assert.equal(problem, null);
    await session.release();
  });

  test('two runs agree within what half precision costs', () => {
    assert.equal(disagreement(tensors(0.5, -100), tensors(0.505, -100.5)), null);
    assert.match(disagreement(tensors(0.5, 1), tensors(0.5, 1.1)) ?? '', /differs from the CPU in "output", 1\.00 and 1\.10/);
    assert.match(disagreement(tensors(0.5), tensors(Number.NaN)) ?? '', /NaN/);
    assert.match(disagreement(tensors(0.5, 1), tensors(0.5)) ?? '', /NaN/);
    assert.ok(disagreement(tensors(0.5), {}));
  });
});
