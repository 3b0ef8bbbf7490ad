import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { pino } from 'pino';
import type { RoomtoneError } from '../api/errors.ts';
import { FakeState } from '../api/state.fake.ts';
import type { ModelEntry } from '../senses/perception/models.ts';
import { edition, preference } from './inventory.ts';
import { ModelStore } from './store.ts';

const MODEL = readFileSync(join(import.meta.dirname, '../../models/own_fer_int8.onnx'));

suite('the model store', () => {
  let own: string;
  let program: string;
  let server: Server;
  let base: string;
  let state: FakeState;
  let store: ModelStore;
  /** Requests to /slow.onnx, which gives half of it and then nothing. */
  let slowly: number;

  beforeEach(async () => {
    own = mkdtempSync(join(tmpdir(), 'roomtone-own-'));
    program = mkdtempSync(join(tmpdir(), 'roomtone-program-'));
    slowly = 0;
    server = createServer(({ url }, response) => {
      if (url === '/gone.onnx') return response.writeHead(404).end();
      response.writeHead(200, { 'content-length': MODEL.length });
      if (url !== '/slow.onnx') return response.end(MODEL);
      slowly++;
      return response.write(MODEL.subarray(0, 1000));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    state = new FakeState();
    store = storeOf(
      entry('first', { recommended: true, url: `${base}/gone.onnx` }),
      entry('second', { recommended: true }),
      entry('third'),
    );
  });
  afterEach(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
    for (const dir of [own, program]) rmSync(dir, { recursive: true });
  });

  const storeOf = (...models: ModelEntry[]): ModelStore =>
    new ModelStore({ log: pino({ level: 'silent' }), fetch, state, dirs: () => [own, program], manifest: { v: 1, models }, delays: [] });

  const entry = (id: string, over: Partial<ModelEntry> = {}): ModelEntry => ({
    id,
    role: 'face-emotion',
    version: '1',
    file: `${id}.onnx`,
    bytes: MODEL.length,
    sha256: createHash('sha256').update(MODEL).digest('hex'),
    licence: 'Apache-2.0',
    trainedOn: 'pictures',
    source: 'here',
    url: `${base}/${id}.onnx`,
    input: '',
    output: '',
    labels: [],
    accuracy: '',
    cost: '',
    ...over,
  });

  const states = async (): Promise<string[]> => (await store.list()).map(({ state }) => state);

  test('a model that is fetched is in use, and the senses are told', async () => {
    assert.deepEqual(await states(), ['missing', 'missing', 'missing']);
    const changed = once(store.events, 'changed');
    store.begin('third');
    await changed;
    assert.deepEqual(await states(), ['missing', 'missing', 'in-use']);
  });

  test('what a person chose is in use where it is there; otherwise the first that is', async () => {
    for (const id of ['second', 'third']) writeFileSync(join(program, `${id}.onnx`), MODEL);
    assert.deepEqual(await states(), ['missing', 'in-use', 'present']);
    const changed = once(store.events, 'changed');
    store.use('face-emotion', 'third');
    await changed;
    assert.deepEqual(await states(), ['missing', 'present', 'in-use']);
    store.use('face-emotion', 'first');
    assert.deepEqual(await states(), ['missing', 'in-use', 'present']);
    assert.deepEqual(preference(state), { 'face-emotion': 'first' });
    assert.equal((await store.list())[0]?.chosen, true);
  });

  test('a role has only its own models', () => {
    const unknown = { code: 'model.unknown' };
    assert.throws(() => store.use('voice-activity', 'third'), unknown as Partial<RoomtoneError>);
    assert.throws(() => store.use('face-emotion', 'nobody'), unknown as Partial<RoomtoneError>);
    assert.throws(() => store.begin('nobody'), unknown as Partial<RoomtoneError>);
    assert.deepEqual(preference(state), {});
  });

  test('another file of the name is wrong, also when it has changed since it was read', async () => {
    writeFileSync(join(own, 'third.onnx'), MODEL);
    assert.equal((await states())[2], 'in-use');
    writeFileSync(join(own, 'third.onnx'), Buffer.alloc(MODEL.length));
    utimesSync(join(own, 'third.onnx'), 1, 1);
    assert.equal((await states())[2], 'wrong');
  });

  test('the recommended set: of each role the first that can be had, and nothing where one is there', async () => {
    const problems: string[] = [];
    store.events.on('problem', ({ scope, problem }) => problems.push(`${scope} ${problem?.code ?? 'passed'}`));
    await store.fetchRecommended();
    assert.deepEqual(await states(), ['missing', 'in-use', 'missing']);
    assert.equal((await store.list())[0]?.problem?.code, 'model.fetch_failed');
    assert.deepEqual(problems, ['model-fetch:first passed', 'model-fetch:first model.fetch_failed', 'model-fetch:second passed']);
    await store.fetchRecommended();
    assert.equal(problems.length, 3);
  });

  test('asked twice, fetched once; closing ends it without a problem', async () => {
    store = storeOf(entry('slow'));
    const problems: unknown[] = [];
    store.events.on('problem', ({ problem }) => problem && problems.push(problem));
    store.begin('slow');
    store.begin('slow');
    while ((await store.list())[0]?.received !== 1000);
    await store.close();
    assert.deepEqual([slowly, problems, await states()], [1, [], ['missing']]);
  });

  test('what a user described counts; a description that cannot be used is a problem', async () => {
    writeFileSync(join(own, 'mine.onnx'), MODEL);
    writeFileSync(join(own, 'mine.json'), JSON.stringify(entry('mine')));
    writeFileSync(join(own, 'bad.json'), '{}');
    assert.deepEqual(
      store.descriptionProblems().map(({ params }) => params.file),
      [join(own, 'bad.json')],
    );
    store.use('face-emotion', 'mine');
    assert.deepEqual(await states(), ['missing', 'missing', 'missing', 'in-use']);
  });

  test('the edition of a folder changes with its models and descriptions, not with what is being fetched', () => {
    const empty = edition(own);
    assert.equal(edition(join(own, 'nowhere')), empty);
    writeFileSync(join(own, 'a.onnx.part'), 'x');
    mkdirSync(join(own, 'sub'));
    assert.equal(edition(own), empty);
    writeFileSync(join(own, 'a.onnx'), 'x');
    const one = edition(own);
    assert.notEqual(one, empty);
    writeFileSync(join(own, 'a.json'), 'x');
    assert.notEqual(edition(own), one);
  });
});
