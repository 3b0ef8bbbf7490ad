import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { pino } from 'pino';
import type { ErrorCode } from '../api/errors.ts';
import { RoomtoneError } from '../api/errors.ts';
import { render } from '../api/render.ts';
import type { ModelEntry } from '../senses/perception/models.ts';
import { type FetchOptions, fetchModel } from './fetch.ts';

const MODEL = readFileSync(join(import.meta.dirname, '../../models/own_fer_int8.onnx'));
const HALF = Math.floor(MODEL.length / 2);

suite('fetching a model', () => {
  let dir: string;
  let server: Server;
  /** `Range` of every request, in order. */
  let ranges: (string | undefined)[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-models-'));
    ranges = [];
  });
  afterEach(async () => {
    rmSync(dir, { recursive: true });
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(answer: RequestListener): Promise<string> {
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/some.onnx`;
  }

  const entry = (url?: string): ModelEntry => ({
    id: 'some',
    role: 'face-emotion',
    version: '1',
    file: 'some.onnx',
    bytes: MODEL.length,
    sha256: createHash('sha256').update(MODEL).digest('hex'),
    licence: 'Apache-2.0',
    trainedOn: 'pictures',
    source: 'here',
    ...(url === undefined ? {} : { url }),
    input: '',
    output: '',
    labels: [],
    accuracy: '',
    cost: '',
  });

  const get = (url: string | undefined, options: Partial<FetchOptions> = {}): Promise<string> =>
    fetchModel({ log: pino({ level: 'silent' }), entry: entry(url), dir, fetch, delays: [0, 0], ...options });

  const refused = (code: ErrorCode, what?: RegExp) => (error: unknown) => {
    assert.ok(error instanceof RoomtoneError, String(error));
    assert.equal(error.code, code);
    const sentence = render(error.code, error.params);
    assert.doesNotMatch(sentence, /\{\w+\}/);
    if (what) assert.match(sentence, what);
    return true;
  };

  const got = () => readFileSync(join(dir, 'some.onnx'));
  const nothingThere = () =>
    assert.deepEqual([existsSync(join(dir, 'some.onnx')), existsSync(join(dir, 'some.onnx.part'))], [false, false]);

  /** As any static server does: a range where one is asked for. */
  const ranged =
    (content: Buffer): RequestListener =>
    (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (from >= content.length) return response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      const length = content.length - from;
      if (from === 0) return response.writeHead(200, { 'content-length': length }).end(content);
      response.writeHead(206, { 'content-length': length, 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
      return response.end(content.subarray(from));
    };

  test('the file takes its name when all of it is there; progress counts up to its size', async () => {
    const progress: number[] = [];
    const path = await get(await serve(ranged(MODEL)), { onProgress: (received) => progress.push(received) });
    assert.equal(path, join(dir, 'some.onnx'));
    assert.deepEqual(got(), MODEL);
    assert.equal(existsSync(`${path}.part`), false);
    assert.equal(progress.at(-1), MODEL.length);
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
    );
  });

  test('what is there already is not fetched', async () => {
    const url = await serve(ranged(MODEL));
    await get(url);
    await get(url);
    assert.equal(ranges.length, 1);
  });

  test('a connection cut in the middle: it goes on where it was', async () => {
    const whole = ranged(MODEL);
    const url = await serve((request, response) => {
      if (ranges.length > 1) return whole(request, response);
      response.writeHead(200, { 'content-length': MODEL.length });
      return void response.write(MODEL.subarray(0, HALF), () => response.destroy());
    });
    const seen: number[] = [];
    await get(url, { onProgress: (received) => seen.push(received) });
    assert.deepEqual(got(), MODEL);
    assert.equal(ranges.length, 2);
    const resumed = Number(ranges[1]?.slice('bytes='.length, -1));
    assert.ok(resumed > 0 && resumed <= HALF && seen.includes(resumed), ranges[1]);
  });

  test('a part from an earlier run is gone on with', async () => {
    writeFileSync(join(dir, 'some.onnx.part'), MODEL.subarray(0, HALF));
    await get(await serve(ranged(MODEL)));
    assert.deepEqual(ranges, [`bytes=${HALF}-`]);
    assert.deepEqual(got(), MODEL);
  });

  test('a server that knows no ranges: from the start', async () => {
    writeFileSync(join(dir, 'some.onnx.part'), MODEL.subarray(0, HALF));
    await get(await serve((_request, response) => response.end(MODEL)));
    assert.deepEqual(got(), MODEL);
  });

  test('a server that answers another range than was asked for: from the start', async () => {
    writeFileSync(join(dir, 'some.onnx.part'), MODEL.subarray(0, HALF));
    const url = await serve((request, response) => {
      if (request.headers.range === undefined) return response.end(MODEL);
      response.writeHead(206, { 'content-range': `bytes 7-${MODEL.length - 1}/${MODEL.length}` });
      return response.end(MODEL.subarray(7));
    });
    await get(url);
    assert.deepEqual(got(), MODEL);
  });

  test('a whole part needs no connection', async () => {
    writeFileSync(join(dir, 'some.onnx.part'), MODEL);
    await get(await serve(ranged(MODEL)));
    assert.deepEqual([ranges, got()], [[], MODEL]);
  });

  test('wrong bytes of the right size: removed, and what was there under the name stays', async () => {
    writeFileSync(join(dir, 'some.onnx'), 'an older one');
    const other = Buffer.from(MODEL);
    other[HALF] = (other[HALF] ?? 0) ^ 1;
    await assert.rejects(get(await serve(ranged(other))), refused('model.digest_mismatch'));
    assert.equal(got().toString(), 'an older one');
    assert.equal(existsSync(join(dir, 'some.onnx.part')), false);
  });

  test('a part of another file ends in a mismatch, and the next run gets the right one', async () => {
    writeFileSync(join(dir, 'some.onnx.part'), Buffer.alloc(HALF));
    const url = await serve(ranged(MODEL));
    await assert.rejects(get(url), refused('model.digest_mismatch'));
    nothingThere();
    await get(url);
    assert.deepEqual(got(), MODEL);
  });

  for (const [what, content] of [
    ['shorter', MODEL.subarray(1)],
    ['longer', Buffer.concat([MODEL, MODEL])],
  ] as const) {
    test(`a ${what} file is refused as soon as its length is told`, async () => {
      await assert.rejects(get(await serve(ranged(content))), refused('model.digest_mismatch'));
      nothingThere();
      assert.equal(ranges.length, 1);
    });
  }

  test('a longer file whose length is not told ends where the right one would', async () => {
    const url = await serve((_request, response) => {
      response.write(MODEL);
      response.end(MODEL);
    });
    await assert.rejects(get(url), refused('model.digest_mismatch'));
    nothingThere();
  });

  test('404 is not asked again', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end('no'));
    await assert.rejects(get(url), refused('model.fetch_failed', /404/));
    assert.equal(ranges.length, 1);
    nothingThere();
  });

  test('503 passes', async () => {
    const whole = ranged(MODEL);
    const url = await serve((request, response) => (ranges.length < 3 ? response.writeHead(503).end() : whole(request, response)));
    await get(url);
    assert.deepEqual([ranges.length, got()], [3, MODEL]);
  });

  test('nobody there: tried as often as there are delays, then told', async () => {
    const url = await serve(ranged(MODEL));
    server.close();
    await once(server, 'close');
    let tries = 0;
    const counting: typeof fetch = (...args) => {
      tries++;
      return fetch(...args);
    };
    await assert.rejects(get(url, { fetch: counting }), refused('model.fetch_failed', /ECONNREFUSED/));
    assert.equal(tries, 3);
  });

  test('a server that falls silent is given up, and what came is kept', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': MODEL.length });
      response.write(MODEL.subarray(0, HALF));
    });
    await assert.rejects(get(url, { delays: [], patience: 100 }), refused('model.fetch_failed', /nothing came for 0\.1 s/));
    assert.deepEqual(readFileSync(join(dir, 'some.onnx.part')), MODEL.subarray(0, HALF));
  });

  test('aborted: the reason is the signal’s, and what came is kept', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': MODEL.length });
      response.write(MODEL.subarray(0, HALF));
    });
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = (received: number) => received === HALF && stop.abort(reason);
    await assert.rejects(get(url, { signal: stop.signal, onProgress }), reason);
    assert.equal(existsSync(join(dir, 'some.onnx.part')), true);
  });

  test('a full disk is told before anything is fetched', async () => {
    const url = await serve(ranged(MODEL));
    await assert.rejects(get(url, { freeBytes: async () => 1e6 }), refused('model.no_space', /1 MB are free/));
    assert.equal(ranges.length, 0);
  });

  test('from a folder, and from below another address', async () => {
    const stick = mkdtempSync(join(tmpdir(), 'roomtone-stick-'));
    writeFileSync(join(stick, 'some.onnx'), MODEL);
    await get('http://nowhere.invalid/some.onnx', { from: stick });
    assert.deepEqual(got(), MODEL);
    rmSync(stick, { recursive: true });
    rmSync(join(dir, 'some.onnx'));
    const url = await serve(ranged(MODEL));
    await get('http://nowhere.invalid/some.onnx', { from: new URL('.', url).href });
    assert.deepEqual(got(), MODEL);
  });

  test('a folder without the file, or with another one', async () => {
    const stick = mkdtempSync(join(tmpdir(), 'roomtone-stick-'));
    await assert.rejects(get(undefined, { from: stick }), refused('model.fetch_failed', /no such file/));
    writeFileSync(join(stick, 'some.onnx'), 'short');
    await assert.rejects(get(undefined, { from: stick }), refused('model.digest_mismatch'));
    nothingThere();
    rmSync(stick, { recursive: true });
  });

  test('what nobody publishes', async () => {
    await assert.rejects(get(undefined), refused('model.fetch_failed', /nobody publishes it/));
  });
});
