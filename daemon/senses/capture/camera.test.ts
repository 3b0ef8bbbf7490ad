import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import pino from 'pino';
import { Journal } from '../../../test/helpers/journal.ts';
import { needs, shared } from '../../../test/helpers/needs.ts';
import { isAlive } from '../../../test/helpers/processes.ts';
import { needsRtspCamera, startRtspCamera } from '../../../test/helpers/rtsp-camera.ts';
import { FakeClock } from '../../api/clock.fake.ts';
import type { Frame } from '../perception/perception.ts';
import type { CameraSpec, SourceReport } from '../protocol.ts';
import { camera } from './camera.ts';

const CLIP = 'media/clip_astronaut_pan_640x480_15fps.mp4';
const clip = `file:${shared(CLIP)}`;
const dir = mkdtempSync(join(tmpdir(), 'roomtone-camera-'));
after(() => rmSync(dir, { recursive: true }));

/** A reader whose readings take as long as the test wants. */
class HeldReader {
  activity = { moved: false, faces: 0 };
  readonly frames = new Journal<Frame>();
  closed = false;
  /** No reading ends before this does. */
  hold: Promise<void> = Promise.resolve();

  async read(frame: Frame): Promise<never[]> {
    this.frames.add(frame);
    await this.hold;
    return [];
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

function setUp(spec: Partial<CameraSpec>, env: NodeJS.ProcessEnv = process.env) {
  const clock = new FakeClock();
  const reports = new Journal<SourceReport>();
  const reader = new HeldReader();
  const source = camera({
    spec: { kind: 'camera', id: 'cam', room: 'den', url: clip, fps: 15, width: 64, height: 64, masks: [], ...spec },
    ...{ log: pino({ level: 'silent' }), clock, random: () => 0.5, env, reader },
    onReport: reports.add,
    onObservations: () => {},
  });
  return { clock, reports, reader, source };
}

const is = (state: SourceReport['state']) => (report: SourceReport) => report.state === state;

describe('Camera', needs('ffmpeg', 'setpriv', CLIP), () => {
  it('gives frames that fit the bounds, in the proportions of the film', async () => {
    const { source, reader, reports, clock } = setUp({});
    source.start();
    const frame = await reader.frames.first(() => true);
    const live = await reports.first(is('live'));
    assert.deepEqual([frame.width, frame.height, frame.data.length, frame.at], [64, 48, 64 * 48 * 3, clock.mono()]);
    assert.ok(live.pid && isAlive(live.pid));
    await source.stop();
  });

  it('is off only when ffmpeg is gone, leaves no timer and closes its reader', async () => {
    const { source, reader, reports, clock } = setUp({});
    source.start();
    const { pid } = await reports.first(is('live'));
    await source.stop();
    assert.ok(pid && !isAlive(pid));
    assert.deepEqual([reports.last?.state, reports.last?.pid, clock.pending, reader.closed], ['off', null, 0, true]);
  });

  it('reads the newest frame only, and counts those it passed over', async () => {
    const slow = setUp({});
    const pace = setUp({});
    const { promise, resolve } = Promise.withResolvers<void>();
    slow.reader.hold = promise;
    slow.source.start();
    const first = await slow.reader.frames.first(() => true);
    const stamp = first.data.slice();
    pace.source.start();
    await pace.reader.frames.many(10);
    assert.equal(slow.reader.frames.entries.length, 1);
    assert.deepEqual(first.data, stamp, 'a frame must not change while it is read');
    resolve();
    await slow.reader.frames.next();
    await Promise.all([slow.source.stop(), pace.source.stop()]);
    assert.ok((slow.reports.last?.dropped ?? 0) > 0);
  });

  it('notices that ffmpeg hangs, kills it and starts anew', async () => {
    const { source, reports, clock } = setUp({});
    source.start();
    const { pid } = await reports.first(is('live'));
    assert.ok(pid);
    process.kill(pid, 'SIGSTOP');
    const silent = reports.first(is('waiting'));
    // What was in the pipe still counts as alive; then it is quiet.
    while (!reports.entries.some(is('waiting'))) await clock.advanceAsync(1000);
    assert.deepEqual((await silent).problem, { code: 'source.silent', params: { source: 'cam', seconds: 5 } });
    const gone = reports.next(({ pid }) => pid === null);
    await clock.advanceAsync(4000);
    await gone;
    assert.equal(isAlive(pid), false);
    const again = reports.next(is('live'));
    await clock.advanceAsync(1000);
    assert.notEqual((await again).pid, pid);
    assert.equal((await again).problem, null);
    await source.stop();
  });

  it('waits longer after each failure of a file that is no video', async () => {
    const garbage = join(dir, 'garbage.mp4');
    writeFileSync(garbage, Buffer.alloc(100_000, 'not a film'));
    const { source, reports, clock } = setUp({ url: `file:${garbage}` });
    source.start();
    for (const delay of [1000, 2000, 4000]) {
      const { problem, pid } = await reports.next(is('waiting'));
      assert.equal(problem?.code, 'source.unreadable');
      assert.match(String(problem?.params.what), /Invalid data/);
      assert.equal(pid, null);
      const starting = reports.next(is('starting'));
      clock.advance(delay - 1);
      assert.equal(reports.last?.state, 'waiting');
      clock.advance(1);
      await starting;
    }
    await source.stop();
  });

  it('says what is wrong with its address, its file, its programs', async () => {
    const what = async (spec: Partial<CameraSpec>, env?: NodeJS.ProcessEnv) => {
      const { source, reports } = setUp(spec, env);
      source.start();
      const { problem } = await reports.first(is('waiting'));
      await source.stop();
      return problem;
    };
    assert.match(String((await what({ url: 'file:/nonexistent.mp4' }))?.params.what), /No such file/);
    assert.match(String((await what({ url: 'ftp://example.org/' }))?.params.what), /must begin with/);
    assert.match(String((await what({ url: '/dev/video99' }))?.params.what), /No such file/);
    assert.deepEqual(await what({}, { PATH: dir }), {
      code: 'source.no_program',
      params: { source: 'cam', program: 'setpriv', package: 'util-linux' },
    });
  });

  it('tells the end of a stream from one that never was', async () => {
    const { source, reports } = setUp({});
    source.start();
    const { pid } = await reports.first(is('live'));
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const { problem } = await reports.next(is('waiting'));
    assert.deepEqual(problem, { code: 'source.ended', params: { source: 'cam', what: 'ended by SIGKILL' } });
    await source.stop();
  });

  it('goes on after a reading that failed', async () => {
    const { source, reader } = setUp({});
    reader.hold = Promise.reject(new Error('no such tensor'));
    reader.hold.catch(() => {});
    source.start();
    await reader.frames.next();
    await reader.frames.next();
    await source.stop();
    assert.equal(reader.closed, true);
  });
});

describe('Camera over RTSP', needsRtspCamera(), () => {
  it('reads a stream behind a login', needs('ffmpeg', 'ffprobe', CLIP), async () => {
    const server = await startRtspCamera({ file: shared(CLIP), auth: { user: 'viewer', password: 'p@ss/w0rd' } });
    const { source, reader, reports } = setUp({ url: server.url });
    source.start();
    await reader.frames.first(() => true);
    await server.close();
    const { problem } = await reports.next(is('waiting'));
    assert.equal(problem?.code, 'source.ended');
    await source.stop();
  });

  it('tells a refused login without telling the password', needs('ffmpeg', 'ffprobe', CLIP), async () => {
    const server = await startRtspCamera({ file: shared(CLIP), auth: { user: 'viewer', password: 'right' } });
    const { source, reports } = setUp({ url: server.url.replace('right', 'wr0ng') });
    source.start();
    const { problem } = await reports.first(is('waiting'));
    assert.match(String(problem?.params.what), /401/);
    assert.doesNotMatch(JSON.stringify(problem), /wr0ng|viewer/);
    await source.stop();
    await server.close();
  });
});
