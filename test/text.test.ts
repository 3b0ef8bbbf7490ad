import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { connectAsync } from 'mqtt';
import type { Mood } from '../daemon/mood/mood.ts';
import { COMMON, Daemon, PASSWORD } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { Mosquitto } from './helpers/mosquitto.ts';
import { needs } from './helpers/needs.ts';

/** In every message, also in those that are refused. Nothing that the hub keeps or says may hold it. */
const MARKER = 'xyzzyplugh';

const GLAD = `I love this, thank you so much! ${MARKER}`;
const ANGRY = `I hate you, fuck off you idiot. ${MARKER}`;

const byText = ({ contributions }: Mood): boolean => contributions.some(({ source, modality }) => source === 'text' && modality === 'text');

suite(
  'what people write to a room',
  needs('ffmpeg', 'mosquitto_sub', 'mosquitto_pub', 'models/manifest.json', 'media/astronaut.png'),
  () => {
    let daemon: Daemon;
    let mosquitto: Mosquitto;

    before(async () => {
      daemon = await Daemon.start({
        config: `${COMMON}adapters: { virtual: {} }
rooms:
  study: { sources: [{ id: cam, kind: camera, url: "file:${film({ seconds: 20, fps: 10 })}" }], devices: [virtual:lamp] }
  den: {}
  hall: {}
`,
        args: ['--log', 'debug'],
      });
      mosquitto = new Mosquitto(daemon.mqttPort);
    });

    after(async () => {
      mosquitto?.close();
      await daemon?.close();
    });

    const tell = (room: string, text: string) => daemon.post(`/api/rooms/${room}/text`, { text });
    const refusal = async (room: string, body: unknown) => (await daemon.refusal('POST', `/api/rooms/${room}/text`, body)).code;

    test('by MQTT it is read as part of the mood, beside the camera', async () => {
      await daemon.mood('study', ({ label }) => label === 'cheerful');
      const mood = daemon.mood('study', (each) => byText(each) && each.contributions.length === 2);
      await mosquitto.say('roomtone/rooms/study/text/set', ANGRY);
      assert.ok((await mood).probabilities.anger > 0.001);
    });

    test('by HTTP it is all that makes the mood of a room without a camera', async () => {
      const glad = daemon.mood('den', ({ label }) => label === 'cheerful');
      await tell('den', GLAD);
      const mood = await glad;
      assert.ok(byText(mood));
      assert.equal(mood.emotion, 'happiness');
      const { payload } = await mosquitto.see('roomtone/rooms/den/mood');
      assert.equal(JSON.parse(payload).label, 'cheerful');
      assert.equal((await mosquitto.see('roomtone/rooms/den/availability')).payload, 'online');
      const angry = daemon.mood('den', ({ emotion }) => emotion === 'anger');
      await mosquitto.say('roomtone/rooms/den/text/set', JSON.stringify({ text: ANGRY }));
      await angry;
    });

    test('what cannot be read is refused with the reason', async () => {
      assert.equal(await refusal('attic', { text: MARKER }), 'api.unknown_room');
      assert.equal(await refusal('den', { text: ' ' }), 'text.empty');
      assert.equal(await refusal('den', { text: MARKER.repeat(1000) }), 'text.too_long');
      assert.equal(await refusal('den', { text: [MARKER] }), 'api.bad_request');
      await daemon.put('/api/rooms/hall/mode', { mode: 'off' });
      assert.equal(await refusal('hall', { text: MARKER }), 'text.room_off');
      const events = await mosquitto.listen('roomtone/bridge/event');
      await mosquitto.say('roomtone/rooms/hall/text/set', MARKER);
      await events.next(({ payload }) => payload.includes('text.room_off'));
      await mosquitto.say('roomtone/rooms/den/text/set', MARKER, '-r');
      await events.next(({ payload }) => payload.includes('mqtt.retained_refused'));
    });

    test('of a flood the senses cannot follow the newest are read, what was dropped is told, and the rest goes on', async () => {
      const client = await connectAsync(`mqtt://127.0.0.1:${daemon.mqttPort}`, { username: 'admin', password: PASSWORD });
      const messages = [...Array<string>(160).fill(ANGRY), ...Array<string>(40).fill(GLAD)];
      const senses = daemon.senses as number;
      process.kill(senses, 'SIGSTOP');
      await Promise.all(messages.map((each) => client.publishAsync('roomtone/rooms/den/text/set', each, { qos: 1 })));
      const { problems } = await daemon.houseWhen(({ problems }) =>
        problems.some(({ code, params }) => code === 'text.dropped' && params.dropped === 167),
      );
      assert.deepEqual(
        problems.map(({ scope }) => scope),
        ['text'],
      );
      process.kill(senses, 'SIGCONT');
      await client.endAsync();
      await daemon.mood('den', ({ label }) => label === 'cheerful');
      await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
      assert.equal(daemon.senses, senses);
    });

    test('sensing off ends its mood too', async () => {
      await daemon.put('/api/sensing', { on: false });
      assert.equal((await daemon.room('den')).mood, null);
      assert.equal(await refusal('den', { text: MARKER }), 'text.sensing_off');
    });

    test('nothing of it is kept: not in the log, the audit, the database or on MQTT', async () => {
      assert.match(daemon.output, /"level":20/);
      assert.doesNotMatch(daemon.output, new RegExp(MARKER));
      const kept = await mosquitto.kept();
      assert.match(kept, /roomtone\/bridge\/state online/);
      assert.doesNotMatch(kept, new RegExp(MARKER));
      assert.doesNotMatch(JSON.stringify(await daemon.get('/api/audit?limit=1000')), /text|xyzzy/);
      await daemon.kill('SIGINT');
      const files = readdirSync(daemon.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      assert.ok(files.some(({ name }) => name.endsWith('.db') || name.endsWith('.sqlite')));
      for (const { parentPath, name } of files) assert.ok(!readFileSync(join(parentPath, name)).includes(MARKER), name);
    });
  },
);
