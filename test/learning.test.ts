import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { FeedbackView } from '../daemon/api/learning.ts';
import { parseLog } from '../daemon/mood/log.ts';
import { COMMON, Daemon, eventually, roomtone } from './helpers/daemon.ts';
import { Mosquitto } from './helpers/mosquitto.ts';
import { needs } from './helpers/needs.ts';

suite('what people say of moods, and what they wear', needs('mosquitto_sub', 'mosquitto_pub', 'models/manifest.json'), () => {
  let daemon: Daemon;
  let mosquitto: Mosquitto;

  before(async () => {
    daemon = await Daemon.start({ config: `${COMMON}adapters: { virtual: {} }\nrooms: { den: { devices: [virtual:lamp] }, hall: {} }\n` });
    mosquitto = new Mosquitto(daemon.mqttPort);
    // Its observations would come between ours, in the recording too.
    await daemon.put('/api/demo', { on: false });
  });

  after(async () => {
    mosquitto?.close();
    await daemon?.close();
  });

  const feedback = () => daemon.get<FeedbackView>('/api/rooms/den/feedback');

  test('what is observed is recorded, and what was recorded is replayed', async () => {
    const file = join(daemon.dir, 'evening.jsonl');
    const recorder = spawn(resolve('scripts/roomtone'), ['record', file, '--data', daemon.dir], { stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = (): string[] => {
      try {
        return readFileSync(file, 'utf8').split('\n').filter(Boolean);
      } catch {
        return [];
      }
    };
    await eventually(() => lines().length > 0, 60_000, 'the header');
    await daemon.post('/api/rooms/den/text', { text: 'I love this, thank you so much!' });
    await eventually(() => lines().some((line) => line.includes('"modality":"text"')), 60_000, 'an observation');
    recorder.kill('SIGINT');
    const [code] = (await once(recorder, 'exit')) as [number];
    assert.equal(code, 0);
    const entries = parseLog(readFileSync(file, 'utf8'), file);
    assert.ok(entries.some((entry) => 'observation' in entry && entry.observation.modality === 'text'));
    const again = await roomtone('record', file, '--data', daemon.dir);
    assert.equal(again.code, 73, 'no log is written over');
    const { code: replayed, stdout } = await roomtone('replay', file);
    assert.equal(replayed, 0);
    assert.match(stdout.split('\n')[0] ?? '', /"emotion":"happiness"/);
    rmSync(file);
  });

  test('a verdict by MQTT is told as an event and can be taken back by HTTP', async () => {
    await daemon.post('/api/rooms/den/text', { text: 'I love this, thank you so much!' });
    await daemon.mood('den', ({ contributions }) => contributions.length > 0);
    const events = await mosquitto.listen('roomtone/rooms/den/event');
    await mosquitto.say('roomtone/rooms/den/feedback/set', 'wrong');
    const { payload } = await events.next(({ payload }) => payload.includes('"feedback"'));
    assert.equal(JSON.parse(payload).verdict, 'wrong');
    for (const { id } of (await feedback()).entries) {
      await fetch(`${daemon.url}/api/rooms/den/feedback/${id}`, {
        method: 'DELETE',
        headers: { cookie: daemon.cookie, origin: daemon.url },
      });
    }
    const { entries, reliability } = await feedback();
    assert.deepEqual([entries, reliability.filter(({ set, learned }) => set !== learned)], [[], []]);
    assert.equal((await daemon.refusal('POST', '/api/rooms/hall/feedback', { verdict: 'right' })).code, 'feedback.no_mood');
  });

  test('a wearable is listened to, unless it talks nonsense or nothing may be sensed', async () => {
    const sample = { wearer: 'ada', heartRate: 64 };
    assert.deepEqual(await daemon.post('/api/rooms/den/body', sample), { wearer: 'ada', reading: null });
    await mosquitto.say('roomtone/rooms/den/body/set', JSON.stringify({ wearer: 'bo', hrv: 40 }));
    await eventually(async () => (await daemon.get<unknown[]>('/api/wearers')).length === 2, 60_000, 'both wearers');
    const refusal = (room: string, body: unknown) => daemon.refusal('POST', `/api/rooms/${room}/body`, body);
    assert.equal((await refusal('den', { heartRate: 900 })).code, 'body.bad_sample');
    assert.equal((await refusal('attic', sample)).code, 'api.unknown_room');
    await daemon.put('/api/rooms/hall/mode', { mode: 'off' });
    assert.equal((await refusal('hall', sample)).code, 'body.room_off');
    await daemon.put('/api/sensing', { on: false });
    assert.equal((await refusal('den', sample)).code, 'body.sensing_off');
  });
});
