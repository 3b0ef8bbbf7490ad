import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { Daemon } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { Mosquitto } from './helpers/mosquitto.ts';
import { needs } from './helpers/needs.ts';

const configuration = (video: string, port = 0): string => `version: 1
http: { port: 0 }
mqtt: { listen: { port: ${port} } }
mood: { smoothing: 1s, dwell: 1s }
adapters: { virtual: {} }
rooms:
  study:
    name: Study
    sources: [{ id: cam, kind: camera, url: "file:${video}" }]
    devices: [virtual:lamp]
`;

suite('MQTT', needs('ffmpeg', 'mosquitto_sub', 'mosquitto_pub', 'models/manifest.json', 'media/astronaut.png'), () => {
  let daemon: Daemon;
  let mosquitto: Mosquitto;

  before(async () => {
    daemon = await Daemon.start({ config: configuration(film({ seconds: 20, fps: 10 })) });
    mosquitto = new Mosquitto(daemon.mqttPort);
  });

  after(async () => {
    mosquitto?.close();
    await daemon?.close();
  });

  test('mosquitto_sub sees the mood of the room', async () => {
    const { payload } = await mosquitto.see('roomtone/rooms/study/mood', ({ payload }) => JSON.parse(payload).label === 'cheerful');
    const mood = JSON.parse(payload);
    assert.equal(mood.v, 1);
    assert.equal(mood.emotion, 'happiness');
    assert.match(mood.at, /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test('Home Assistant would find the room, with the entities whose function exists', async () => {
    const { payload } = await mosquitto.see('homeassistant/device/+/config', ({ topic }) => topic.includes('study'));
    const config = JSON.parse(payload);
    assert.equal(config.dev.name, 'Study');
    const names = Object.values(config.cmps as Record<string, { name: string | null }>).map(({ name }) => name);
    assert.ok(names.includes(null), 'the main entity is the mood');
    for (const expected of ['Emotion', 'Valence', 'Arousal', 'Stress', 'Confidence', 'Occupancy', 'Mode', 'Scene', 'Camera', 'Ambience']) {
      assert.ok(names.includes(expected), `${expected} is missing from ${names.join(', ')}`);
    }
    assert.ok(!names.includes('Microphone'), 'the room has no microphone');
  });

  test('a mode and a scene that are set by MQTT hold', async () => {
    await mosquitto.say('roomtone/rooms/study/mode/set', 'paused');
    await daemon.houseWhen(({ rooms }) => rooms[0]?.mode === 'paused');
    await mosquitto.say('roomtone/rooms/study/scene/set', 'movie');
    await daemon.houseWhen(({ rooms }) => rooms[0]?.scene === 'movie');
  });

  test('nonsense on a set topic is refused with what is wrong, and changes nothing', async () => {
    const events = await mosquitto.listen('roomtone/bridge/event');
    await mosquitto.say('roomtone/rooms/study/mode/set', '{"mode": [[[');
    const { payload } = await events.next(({ payload }) => payload.includes('mode/set'));
    assert.equal(JSON.parse(payload).code, 'mqtt.bad_payload');
    assert.equal((await daemon.house()).rooms[0]?.mode, 'paused');
  });

  test('a retained command is refused and not kept for the next start', async () => {
    const events = await mosquitto.listen('roomtone/bridge/event');
    await mosquitto.say('roomtone/sensing/set', 'OFF', '-r');
    await events.next(({ payload }) => payload.includes('mqtt.retained_refused'));
    assert.equal((await daemon.house()).sensing, true);
  });

  test('nobody comes in without the password', async () => {
    const child = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', String(daemon.mqttPort), '-t', '#', '-W', '5'], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    assert.notEqual(code, 0);
  });
});

test('a port that is taken is said, with the way out, and the hub goes on', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const daemon = await Daemon.start({ config: configuration('/nowhere.mp4', port) });
  try {
    const { problems } = await daemon.houseWhen(({ problems }) => problems.some(({ code }) => code === 'mqtt.port_in_use'));
    assert.equal(problems.find(({ code }) => code === 'mqtt.port_in_use')?.params.port, port);
    assert.match(daemon.output, new RegExp(`Port ${port} is taken`));
    assert.equal((await daemon.get<{ ready: boolean }>('/api/health')).ready, true);
  } finally {
    await daemon.close();
    squatter.close();
  }
});
