import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import pino from 'pino';
import { Journal } from '../../../test/helpers/journal.ts';
import { film, filmOfSizes } from '../../../test/helpers/media.ts';
import { needs } from '../../../test/helpers/needs.ts';
import { isAlive } from '../../../test/helpers/processes.ts';
import { needsRtspCamera, startRtspCamera } from '../../../test/helpers/rtsp-camera.ts';
import { TcpProxy } from '../../../test/helpers/tcp-proxy.ts';
import { FakeClock } from '../../api/clock.fake.ts';
import { type Clock, systemClock } from '../../api/clock.ts';
import type { Activity, Frame } from '../perception/perception.ts';
import type { SourceReport } from '../protocol.ts';
import { camera } from './camera.ts';
import { microphone } from './microphone.ts';
import { IDLE_AFTER } from './pace.ts';

const CLIP = 'media/clip_astronaut_pan_640x480_15fps.mp4';
const is = (state: SourceReport['state']) => (report: SourceReport) => report.state === state;
const decodesKeysOnly = (pid: number | null): boolean => pid !== null && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('nokey');

/** Real time, of which some can be left out. */
class SkippingClock implements Clock {
  #skipped = 0;
  mono = (): number => systemClock.mono() + this.#skipped;
  wall = systemClock.wall;
  after = systemClock.after;
  every = systemClock.every;

  skip(ms: number): void {
    this.#skipped += ms;
  }
}

class Reader {
  readonly frames = new Journal<Pick<Frame, 'width' | 'height' | 'at'>>();
  activity: Activity = { moved: false, faces: 0 };

  async read({ width, height, at }: Frame): Promise<never[]> {
    this.frames.add({ width, height, at });
    return [];
  }

  async close(): Promise<void> {}
}

function watch(url: string, clock: Clock = systemClock, env = process.env) {
  const reports = new Journal<SourceReport>();
  const reader = new Reader();
  const source = camera({
    spec: { kind: 'camera', id: 'cam', room: 'den', url, fps: 15, width: 640, height: 640, masks: [] },
    ...{ log: pino({ level: 'silent' }), clock, random: () => 0.5, env, reader },
    onReport: reports.add,
    onObservations: () => {},
  });
  return { source, reports, reader };
}

describe('A stream whose room is still', needsRtspCamera(), () => {
  it(
    'is handed to a program that decodes key frames alone, and back at the first motion, live all the while',
    needs('ffmpeg', CLIP),
    async () => {
      const video = film({ seconds: 6, fps: 15, keyEvery: 0.4 });
      const server = await startRtspCamera({ file: video });
      const clock = new SkippingClock();
      const { source, reports, reader } = watch(server.url, clock);
      source.start();
      const { pid: first } = await reports.first(is('live'));
      assert.equal(decodesKeysOnly(first), false);

      clock.skip(IDLE_AFTER);
      const { pid: second } = await reports.next(({ pid }) => pid !== first);
      assert.equal(decodesKeysOnly(second), true);
      const before = reader.frames.entries.length;
      await reader.frames.many(3);
      const gaps = reader.frames.entries.slice(before).map(({ at }, index, all) => at - (all[index - 1]?.at ?? at));
      assert.ok(Math.max(...gaps) < 3000, `${gaps}`);

      reader.activity = { moved: true, faces: 0 };
      const { pid: third } = await reports.next(({ pid }) => pid !== second);
      assert.equal(decodesKeysOnly(third), false);
      await reader.frames.many(5);
      await source.stop();
      const since = reports.entries.slice(reports.entries.findIndex(is('live')));
      assert.deepEqual([...new Set(since.map(({ state }) => state))], ['live', 'off']);
      assert.deepEqual(
        [first, second, third].map((pid) => pid !== null && isAlive(pid)),
        [false, false, false],
      );
      await server.close();
      rmSync(dirname(video), { recursive: true });
    },
  );

  it('stays with the program that decodes all where key frames are rare', needs('ffmpeg', CLIP), async () => {
    const video = film({ seconds: 6, fps: 15, keyEvery: 3 });
    const server = await startRtspCamera({ file: video });
    const clock = new SkippingClock();
    const ffmpeg = notingFfmpeg();
    const { source, reports, reader } = watch(server.url, clock, ffmpeg.env);
    source.start();
    const { pid } = await reports.first(is('live'));
    clock.skip(IDLE_AFTER);
    const trial = () => ffmpeg.starts().find((start) => start.includes('nokey'));
    while (!trial()) await reader.frames.next();
    while (isAlive(Number.parseInt(trial() ?? '', 10))) await reader.frames.next();
    await reader.frames.many(2);
    assert.deepEqual([reports.last?.state, reports.last?.pid], ['live', pid]);
    assert.equal(ffmpeg.starts().length, 2);
    await source.stop();
    await server.close();
    ffmpeg.remove();
    rmSync(dirname(video), { recursive: true });
  });
});

/** An ffmpeg in a folder of its own that notes down the process id and the arguments of every start, then does what ffmpeg does. */
function notingFfmpeg() {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-ffmpeg-'));
  const [notes, path] = [join(dir, 'notes'), join(dir, 'ffmpeg')];
  writeFileSync(notes, '');
  writeFileSync(path, `#!/bin/sh\necho "$$ $*" >>'${notes}'\nPATH='${process.env.PATH}'\nexec ffmpeg "$@"\n`);
  chmodSync(path, 0o755);
  const starts = () => readFileSync(notes, 'utf8').split('\n').filter(Boolean);
  return { env: { ...process.env, PATH: `${dir}:${process.env.PATH}` }, starts, remove: () => rmSync(dir, { recursive: true }) };
}

describe('A stream over HTTP', needs('ffmpeg'), () => {
  it('is read too', async () => {
    const video = filmOfSizes(['320x240'], { seconds: 3, fps: 15 });
    const server = createHttpServer((_, response) => createReadStream(video).pipe(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { source, reader } = watch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`);
    source.start();
    const { width, height } = await reader.frames.first(() => true);
    assert.deepEqual([width, height], [320, 240]);
    await source.stop();
    server.close();
    server.closeAllConnections();
    rmSync(dirname(video), { recursive: true });
  });
});

describe('A stream', needsRtspCamera(), () => {
  it('may change its resolution', needs('ffmpeg', CLIP), async () => {
    const video = filmOfSizes(['640x480', '320x240', '1280x720'], { seconds: 3, fps: 15 });
    const server = await startRtspCamera({ file: video });
    const { source, reports, reader } = watch(server.url);
    source.start();
    for (const [width, height] of [
      [640, 480],
      [320, 240],
      [640, 360],
    ] as const) {
      await reader.frames.first((frame) => frame.width === width && frame.height === height);
    }
    assert.deepEqual(
      new Set(reader.frames.entries.map(({ width, height }) => `${width}x${height}`)),
      new Set(['640x480', '320x240', '640x360']),
    );
    assert.equal(reports.last?.state, 'live');
    await source.stop();
    await server.close();
    rmSync(dirname(video), { recursive: true });
  });

  it('that is silent from the beginning is told within 10 s, and given more time', needs('ffmpeg'), async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    const clients = new Set<Socket>();
    mute.on('connection', (client) => clients.add(client.on('error', () => {})));
    await once(mute, 'listening');
    const clock = new FakeClock();
    const { source, reports } = watch(`rtsp://127.0.0.1:${(mute.address() as AddressInfo).port}/cam`, clock);
    source.start();
    await once(mute, 'connection');
    clock.advance(10_000);
    assert.deepEqual([reports.last?.state, reports.last?.problem?.code], ['starting', 'source.silent']);
    clock.advance(10_000);
    assert.deepEqual(
      [reports.last?.state, reports.last?.problem],
      ['waiting', { code: 'source.silent', params: { source: 'cam', seconds: 20 } }],
    );
    for (const client of clients) client.destroy();
    await source.stop();
    mute.close();
  });

  it(
    'that falls silent on an open connection is told within 10 s and comes back, pictures and sound',
    needs('ffmpeg', 'media/jfk.flac'),
    async () => {
      const video = film({ seconds: 10, fps: 15, sound: true });
      const server = await startRtspCamera({ file: video, auth: { user: 'viewer', password: 'a b/c' } });
      const { hostname, port, host } = new URL(server.url);
      const network = new TcpProxy(() => ({ host: hostname, port: Number(port) }));
      await network.start();
      const url = server.url.replace(host, network.address);
      const seen = watch(url);
      const reports = new Journal<SourceReport>();
      const heard = new Journal<Int16Array>();
      const mic = microphone({
        spec: { kind: 'microphone', id: 'mic', room: 'den', url },
        ...{ log: pino({ level: 'silent' }), clock: systemClock, random: () => 0.5, env: process.env },
        reader: {
          push: async (samples) => {
            heard.add(samples);
            return [];
          },
          close: async () => {},
        },
        onReport: reports.add,
        onObservations: () => {},
      });
      seen.source.start();
      mic.start();
      await seen.reader.frames.next();
      await heard.first((samples) => samples.some((sample) => Math.abs(sample) > 1000));

      network.freeze();
      const silent = [seen.reports, reports].map((each) => each.next(is('waiting')));
      for (const { problem } of await Promise.all(silent)) assert.deepEqual([problem?.code, problem?.params.seconds], ['source.silent', 5]);

      network.thaw();
      const back = [seen.reports, reports].map((each) => each.next(is('live')));
      await Promise.all(back);
      await Promise.all([seen.source.stop(), mic.stop()]);
      await network.close();
      await server.close();
      rmSync(dirname(video), { recursive: true });
    },
  );
});
