import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pino from 'pino';
import { needsMicrophone, startMicrophone } from '../../../test/helpers/alsa.ts';
import { Journal } from '../../../test/helpers/journal.ts';
import { needs, shared } from '../../../test/helpers/needs.ts';
import { isAlive } from '../../../test/helpers/processes.ts';
import { FakeClock } from '../../api/clock.fake.ts';
import { type Clock, systemClock } from '../../api/clock.ts';
import type { MicrophoneSpec, SourceReport } from '../protocol.ts';
import { microphone } from './microphone.ts';

const SPEECH = 'media/silero_test.wav';

function setUp(spec: Partial<MicrophoneSpec>, env: NodeJS.ProcessEnv = process.env, given?: Clock) {
  const clock = new FakeClock();
  const reports = new Journal<SourceReport>();
  const heard = new Journal<Int16Array>();
  const held = { until: Promise.resolve(), closed: false };
  const source = microphone({
    spec: { kind: 'microphone', id: 'mic', room: 'den', ...spec },
    ...{ log: pino({ level: 'silent' }), clock: given ?? clock, random: () => 0.5, env },
    reader: {
      push: async (samples) => {
        heard.add(samples);
        await held.until;
        return [];
      },
      close: async () => {
        held.closed = true;
      },
    },
    onReport: reports.add,
    onObservations: () => {},
  });
  return { clock, reports, heard, held, source };
}

const is = (state: SourceReport['state']) => (report: SourceReport) => report.state === state;
const loud = (samples: Int16Array) => samples.some((sample) => Math.abs(sample) > 1000);

describe('Microphone on an ALSA device', needsMicrophone(), () => {
  it('hears what is said in the room, and lets go of the device', needs('setpriv', SPEECH), async () => {
    const room = await startMicrophone();
    const { source, heard, reports, held, clock } = setUp({ device: room.device }, { PATH: process.env.PATH, ...room.env });
    source.start();
    const { pid } = await reports.first(is('live'));
    const spoken = room.play(shared(SPEECH)).catch(() => {});
    await heard.first(loud);
    assert.equal(await room.recorders(), 1);
    await source.stop();
    assert.ok(!heard.entries.some(loud), 'what was read is overwritten');
    assert.ok(pid && !isAlive(pid));
    assert.equal(await room.recorders(), 0);
    assert.deepEqual([reports.last?.state, held.closed, clock.pending], ['off', true, 0]);
    await room.close();
    await spoken;
  });

  it('says when there is no such device, and tries again', needs('setpriv'), async () => {
    const { source, reports, clock } = setUp({ device: 'plughw:97,0' });
    source.start();
    const { problem } = await reports.first(is('waiting'));
    assert.equal(problem?.code, 'source.unreadable');
    assert.match(String(problem?.params.what), /^Cannot get card index for 97; audio open error/);
    const starting = reports.next(is('starting'));
    clock.advance(1000);
    await starting;
    await source.stop();
  });

  it('starts anew after arecord was killed', needs('setpriv'), async () => {
    const room = await startMicrophone();
    const { source, reports, clock } = setUp({ device: room.device }, { PATH: process.env.PATH, ...room.env });
    source.start();
    const { pid } = await reports.first(is('live'));
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const { problem } = await reports.next(is('waiting'));
    assert.deepEqual(problem, { code: 'source.ended', params: { source: 'mic', what: 'ended by SIGKILL' } });
    const again = reports.next(is('live'));
    clock.advance(1000);
    assert.notEqual((await again).pid, pid);
    await source.stop();
    await room.close();
  });
  it('comes back when it was pulled out and put in again', needs('setpriv', SPEECH), async () => {
    const room = await startMicrophone();
    const { source, heard, reports } = setUp({ device: room.device }, { PATH: process.env.PATH, ...room.env }, systemClock);
    source.start();
    await reports.first(is('live'));
    const gone = reports.next(is('waiting'));
    await room.unplug();
    await gone;
    const back = reports.next(is('live'));
    await room.plug();
    await back;
    const spoken = room.play(shared(SPEECH)).catch(() => {});
    await heard.next(loud);
    await source.stop();
    await room.close();
    await spoken;
  });
});

describe('Microphone on a stream', needs('ffmpeg', 'setpriv', SPEECH), () => {
  it('reads the sound of a file', async () => {
    const { source, heard, reports } = setUp({ url: `file:${shared(SPEECH)}` });
    source.start();
    await heard.first(loud);
    await source.stop();
    assert.equal(reports.last?.state, 'off');
  });

  it('says when there is no sound track', needs('media/clip_astronaut_pan_640x480_15fps.mp4'), async () => {
    const { source, reports } = setUp({ url: `file:${shared('media/clip_astronaut_pan_640x480_15fps.mp4')}` });
    source.start();
    const { problem } = await reports.first(is('waiting'));
    assert.equal(problem?.code, 'source.unreadable');
    assert.match(String(problem?.params.what), /matches no streams/);
    await source.stop();
  });

  it('keeps no more than two seconds that nobody read', async () => {
    const { source, heard, held, reports } = setUp({ url: `file:${shared(SPEECH)}` });
    const pace = setUp({ url: `file:${shared(SPEECH)}` });
    const { promise, resolve } = Promise.withResolvers<void>();
    held.until = promise;
    source.start();
    await heard.first(() => true);
    pace.source.start();
    let passed = 0;
    while (passed < 3 * 16_000) passed += (await pace.heard.next()).length;
    const before = heard.entries.length;
    resolve();
    await heard.next();
    await new Promise((done) => setImmediate(done));
    await Promise.all([source.stop(), pace.source.stop()]);
    const kept = heard.entries.slice(before).reduce((sum, samples) => sum + samples.length, 0);
    assert.ok(kept <= 2.2 * 16_000, `${kept} samples had waited`);
    assert.ok((reports.last?.dropped ?? 0) > 0);
  });
});
