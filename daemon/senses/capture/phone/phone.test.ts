import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { FakeClock } from '../../../api/clock.fake.ts';
import type { SourceReport } from '../../protocol.ts';
import { Phone } from './phone.ts';
import { FakeWrtc } from './wrtc.fake.ts';

const FINGERPRINT = `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`;
const section = (kind: string, mid: number): string[] => [
  `m=${kind} 9 UDP/TLS/RTP/SAVPF 96`,
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  FINGERPRINT,
  `a=mid:${mid}`,
  'a=sendonly',
];
const offer = (...kinds: string[]): string =>
  ['v=0', `a=group:BUNDLE ${kinds.map((_, mid) => mid).join(' ')}`, ...kinds.flatMap(section), ''].join('\r\n');

function setUp() {
  const clock = new FakeClock();
  const wrtc = new FakeWrtc();
  const reports: SourceReport[] = [];
  const heard: number[] = [];
  const read: { width: number; height: number }[] = [];
  const ended: string[] = [];
  const pushed: Int16Array[] = [];
  /** What a reading of sound waits for. */
  const voice = { reads: Promise.resolve() };
  const phone = new Phone({
    spec: { kind: 'phone', id: 'tablet', room: 'den', fps: 5, width: 640, height: 480, masks: [], interfaces: [] },
    log: pino({ level: 'silent' }),
    clock,
    loadWrtc: () => wrtc.load(),
    faces: {
      async read({ width, height }) {
        read.push({ width, height });
        return [];
      },
      close: async () => {},
      activity: { moved: true, faces: 1 },
    },
    voices: {
      async push(samples) {
        heard.push(...samples);
        pushed.push(samples);
        await voice.reads;
        return [];
      },
      close: async () => {},
    },
    onObservations: () => {},
    onReport: (report) => reports.push(report),
    onEnded: (session, problem) => ended.push(`${session} ${problem.code}`),
  });
  phone.start();
  const begin = async (id: string, ...kinds: string[]) => {
    await phone.offer(id, offer(...kinds));
    return wrtc.connections.at(-1) ?? assert.fail('there is no connection');
  };
  const state = () => [reports.at(-1)?.state, reports.at(-1)?.problem?.code ?? null];
  return { clock, wrtc, phone, begin, state, heard, pushed, voice, read, ended };
}

test('sound alone is heard from its first sample on; the silence that the decoder makes up before it is not', async () => {
  const { clock, phone, begin, state, heard } = setUp();
  const device = await begin('one', 'audio');
  device.become('connected');
  for (let block = 0; block < 20; block++) device.sound(0);
  await clock.advanceAsync(0);
  assert.deepEqual([state(), heard], [['starting', null], []]);
  device.sound(1000);
  assert.deepEqual(state(), ['live', null]);
  await clock.advanceAsync(0);
  const [least, most] = [Math.min(...heard), Math.max(...heard)];
  assert.ok(heard.length > 100 && most > 900, `${heard.length} samples of ${least} to ${most}`);
  await phone.stop();
});

test('sound that waits for a reading is read with the next one, whole, in order, and overwritten', async () => {
  const { clock, phone, begin, voice, pushed, heard } = setUp();
  const device = await begin('one', 'audio');
  const reading = Promise.withResolvers<void>();
  voice.reads = reading.promise;
  for (let level = 1; level <= 40; level++) device.sound(100 * level);
  await clock.advanceAsync(0);
  assert.equal(pushed.length, 1);
  reading.resolve();
  await clock.advanceAsync(0);
  await clock.advanceAsync(0);
  assert.equal(pushed.length, 2, 'forty blocks in two readings');
  assert.ok(heard.length > 5900, `${heard.length} samples at 16 kHz of 400 ms`);
  assert.ok(heard.slice(300, -300).every((sample, index, all) => index === 0 || sample >= (all[index - 1] ?? 0) - 30));
  assert.ok(pushed.every((samples) => samples.every((sample) => sample === 0)));
  await phone.stop();
});

test('a microphone that hears nothing is live by its packets', async () => {
  const { clock, phone, begin, state } = setUp();
  const device = await begin('one', 'audio');
  device.become('connected');
  device.sound(0);
  device.receive();
  await clock.advanceAsync(1000);
  assert.deepEqual(state(), ['live', null]);
  await phone.stop();
});

test('pictures of another size or pace than the last are read at one size', async () => {
  const { clock, phone, begin, read } = setUp();
  const device = await begin('one', 'video');
  for (const [width, height, wait] of [
    [320, 240, 1000],
    [320, 240, 67],
    [1280, 960, 200],
    [160, 120, 200],
    [480, 640, 200],
  ] as const) {
    await clock.advanceAsync(wait);
    device.picture({ width, height });
    await clock.advanceAsync(0);
  }
  const whole = { width: 640, height: 480 };
  assert.deepEqual(read, [whole, whole, whole, { width: 360, height: 480 }], 'the one that came too soon is passed over');
  await phone.stop();
});

test('one that falls silent is shown, comes back, and is given up after 15 s; the noise that is made up meanwhile is nothing', async () => {
  const { clock, wrtc, phone, begin, state, ended, heard } = setUp();
  const device = await begin('one', 'audio', 'video');
  device.become('connected');
  device.picture({ width: 640, height: 480 });
  assert.deepEqual(state(), ['live', null]);
  await clock.advanceAsync(5000);
  assert.deepEqual(state(), ['waiting', 'phone.lost']);
  heard.length = 0;
  device.sound(7);
  await clock.advanceAsync(0);
  assert.deepEqual([state(), heard], [['waiting', 'phone.lost'], []]);
  device.receive();
  await clock.advanceAsync(1000);
  assert.deepEqual(state(), ['live', null]);
  await clock.advanceAsync(14_000);
  assert.deepEqual(ended, []);
  await clock.advanceAsync(1000);
  assert.deepEqual([state(), ended, wrtc.open], [['waiting', 'phone.lost'], ['one phone.lost'], 0]);
  await phone.stop();
});

test('one that connects and sends nothing loses its place like one that never comes', async () => {
  const { clock, wrtc, phone, begin, state, ended } = setUp();
  await begin('absent', 'audio');
  await clock.advanceAsync(15_000);
  assert.deepEqual([state(), wrtc.open], [['waiting', 'phone.no_connection'], 0]);
  (await begin('mute', 'audio')).become('connected');
  await clock.advanceAsync(15_000);
  assert.deepEqual([state(), wrtc.open], [['waiting', 'phone.lost'], 0]);
  assert.deepEqual(ended, ['absent phone.no_connection', 'mute phone.lost']);
  await phone.stop();
});

test('a connection that breaks ends at once; another offer, an end and a stop close the one before', async () => {
  const { clock, wrtc, phone, begin, state, ended } = setUp();
  (await begin('broken', 'video')).become('failed');
  assert.deepEqual([state(), ended, wrtc.open], [['waiting', 'phone.lost'], ['broken phone.lost'], 0]);
  await begin('first', 'video');
  const second = await begin('second', 'video');
  assert.equal(wrtc.open, 1);
  phone.end('first');
  assert.equal(second.connectionState, 'new');
  phone.end('second');
  assert.deepEqual([state(), wrtc.open], [['waiting', null], 0]);
  const last = await begin('last', 'video');
  await phone.stop();
  last.picture({ width: 64, height: 48 });
  assert.deepEqual([state(), wrtc.open, clock.pending], [['off', null], 0, 0]);
});
