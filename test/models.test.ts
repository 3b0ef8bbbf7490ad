import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { ModelView } from '../daemon/api/views.ts';
import { Daemon, eventually, PATIENCE, roomtone } from './helpers/daemon.ts';

const MODEL = readFileSync(join(import.meta.dirname, '../models/own_fer_int8.onnx'));

/** A data folder whose user described the model "mine", which a server of loopback gives. */
suite('models, as a person has them', () => {
  let dir: string;
  let server: Server;
  let content: Buffer;
  let requests: number;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
    content = MODEL;
    requests = 0;
    server = createServer((_request, response) => {
      requests++;
      response.end(content);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    mkdirSync(join(dir, 'models'));
    describe({});
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  });

  function describe(over: Record<string, unknown>): void {
    const description = {
      id: 'mine',
      role: 'face-emotion',
      file: 'mine.onnx',
      bytes: MODEL.length,
      sha256: createHash('sha256').update(MODEL).digest('hex'),
      licence: 'a licence of its own',
      source: 'my own',
      url: `${address()}/mine.onnx`,
      input: 'input [n, 1, 48, 48]',
      output: 'probs [n, 8]',
      labels: ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'],
      accuracy: 'not measured',
      cost: '',
      ...over,
    };
    writeFileSync(join(dir, 'models/mine.json'), JSON.stringify(description));
  }

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const models = (...args: string[]) => roomtone('models', ...args, '--data', dir);
  const rowOf = (stdout: string, id: string) => stdout.split('\n').find((line) => line.includes(` ${id} `)) ?? '';

  test('fetched, chosen, listed and verified', async () => {
    assert.match(rowOf((await models('list')).stdout, 'mine'), /not there.*a licence of its own.*not measured/);
    const fetched = await models('fetch', 'mine', '--yes');
    assert.deepEqual([fetched.code, requests], [0, 1]);
    assert.match(fetched.stderr, /licence: a licence of its own[\s\S]*mine: 100 %/);
    assert.match(rowOf((await models()).stdout, 'mine'), / present /);
    assert.equal((await models('use', 'face-emotion', 'mine')).code, 0);
    assert.match(rowOf((await models('list')).stdout, 'mine'), / in use /);
    const verified = await models('verify');
    assert.equal(verified.code, 0);
    assert.match(rowOf(verified.stdout, 'mine'), /^good /);
  });

  test('without a terminal and without --yes nothing is fetched', async () => {
    const { code, stderr } = await models('fetch', 'mine');
    assert.deepEqual([code, requests], [64, 0]);
    assert.match(stderr, /a licence of its own[\s\S]*give --yes/);
  });

  test('wrong bytes: told, removed, and nothing takes the name', async () => {
    content = Buffer.alloc(MODEL.length);
    const { code, stderr } = await models('fetch', 'mine', '--yes');
    assert.equal(code, 69);
    assert.match(stderr, /SHA-256 differs.*What was fetched has been removed/);
    assert.deepEqual([existsSync(join(dir, 'models/mine.onnx')), existsSync(join(dir, 'models/mine.onnx.part'))], [false, false]);
  });

  test('from a folder', async () => {
    const { code } = await models('fetch', 'own-fer-int8', '--yes', '--from', join(import.meta.dirname, '../models'));
    assert.equal(code, 0);
    assert.deepEqual(readFileSync(join(dir, 'models/own_fer_int8.onnx')), MODEL);
  });

  test('verify tells a file that is another one by its exit code', async () => {
    writeFileSync(join(dir, 'models/mine.onnx'), 'another');
    const { code, stdout } = await models('verify');
    assert.equal(code, 69);
    assert.match(rowOf(stdout, 'mine'), /^wrong /);
  });

  test('what cannot be meant is refused', async () => {
    for (const [args, said] of [
      [['fetch', 'nobody', '--yes'], /There is no model "nobody"\. Models: .*mine/],
      [['use', 'face-emotion', 'silero-vad-16k'], /There is no model "silero-vad-16k" for face-emotion\. Models: .*mine/],
      [['use', 'smell', 'mine'], /there is no role "smell"; roles: .*face-emotion/],
      [['dance'], /"models" knows list, fetch, use, verify/],
      [['fetch'], /takes an ID, or --recommended/],
      [['list', '--yes'], /go with models fetch/],
    ] as const) {
      const { code, stderr } = await models(...args);
      assert.equal(code, 64, stderr);
      assert.match(stderr, said);
    }
    describe({ bytes: 'many' });
    assert.match((await models('list')).stderr, /models\/mine\.json cannot be used: bytes: /);
  });

  test('a hub: it starts at once with --fetch-models, and fetching, choosing and mistakes are in its API', async () => {
    describe({ recommended: true, role: 'face-emotion' });
    const config = 'version: 1\nhttp: { port: 0 }\nmqtt: { listen: { port: 0 } }\n';
    const daemon = await Daemon.start({ dir, config, password: true, args: ['--fetch-models', '--from', address()] });
    try {
      const mine = async () => (await daemon.get<ModelView[]>('/api/models')).find(({ id }) => id === 'mine');
      await daemon.login();
      assert.equal((await eventually(async () => (await mine())?.state === 'present' && mine(), PATIENCE, 'it is fetched'))?.chosen, false);
      assert.match(daemon.output, /Fetching the recommended models \([\d.]+ MB\) under these terms:[\s\S]*- enet-b0-8-va-mtl: Apache-2\.0/);
      const used = await daemon.put<ModelView[]>('/api/models/use', { role: 'face-emotion', id: 'mine' });
      assert.equal(used.find(({ id }) => id === 'mine')?.state, 'in-use');

      rmSync(join(dir, 'models/mine.onnx'));
      const before = requests;
      content = Buffer.alloc(MODEL.length);
      await daemon.post('/api/models/mine/fetch');
      const failed = await eventually(async () => (await mine())?.problem ?? undefined, PATIENCE, 'it is refused');
      assert.equal(failed.code, 'model.digest_mismatch');
      assert.ok((await daemon.house()).problems.some(({ scope }) => scope === 'model-fetch:mine'));
      assert.deepEqual((await daemon.refusal('POST', '/api/models/nobody/fetch')).code, 'model.unknown');
      assert.deepEqual((await daemon.refusal('PUT', '/api/models/use', { role: 'voice-activity', id: 'mine' })).status, 404);
      assert.equal(requests - before, 1);
    } finally {
      await daemon.close();
    }
    // The daemon took its data folder with it.
    mkdirSync(dir, { recursive: true });
  });

  test('a hub offers what it lacks, with the terms; nothing is fetched unasked, and the whole set when asked once', async () => {
    describe({ recommended: true });
    const config = 'version: 1\nhttp: { port: 0 }\nmqtt: { listen: { port: 0 } }\n';
    const daemon = await Daemon.start({ dir, config, password: true, args: ['--from', address()] });
    try {
      assert.match(
        daemon.output,
        /Better models can be fetched \([\d.]+ MB\): scripts\/roomtone models fetch --recommended, or http\S+\/models\n/,
      );
      assert.match(daemon.output, /- enet-b0-8-va-mtl: Apache-2\.0.*; trained on AffectNet/);
      assert.equal(requests, 0);
      await daemon.login();
      await daemon.post('/api/models/recommended');
      const mine = async () => (await daemon.get<ModelView[]>('/api/models')).find(({ id }) => id === 'mine');
      await eventually(async () => (await mine())?.state === 'present', PATIENCE, 'the second of the role is fetched');
      assert.deepEqual(await daemon.get('/api/models/inference'), { threads: 'auto', inUse: null, measured: null });
    } finally {
      await daemon.close();
    }
    mkdirSync(dir, { recursive: true });
  });
});
