import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { render } from '../daemon/api/render.ts';
import type { HouseView, ModelView } from '../daemon/api/views.ts';
import { cloneProgram } from './helpers/clone.ts';
import { COMMON, Daemon, eventually, freePort, PASSWORD, PATIENCE } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs, shared } from './helpers/needs.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

const root = resolve(import.meta.dirname, '..');
const FACE_DETECTION = 'face_detection_yunet_2026may.onnx';
const VOICE_ACTIVITY = 'silero_vad_16k_op15.onnx';
const FACE_EMOTION = 'own_fer_int8.onnx';

const sentences = ({ problems }: HouseView) => Object.fromEntries(problems.map(({ scope, code, params }) => [scope, render(code, params)]));

suite('sources and devices that are not what the file says', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
  const garbage = join(dir, 'garbage.mp4');
  const broken = ['missing', 'garbage', 'nonsense', 'mute', 'wordless'];
  let video: string;
  let nonsense: Server;
  let daemon: Daemon;

  before(async () => {
    video = film({ seconds: 6, fps: 10 });
    writeFileSync(garbage, randomBytes(200_000));
    mkdirSync(join(dir, 'models'));
    writeFileSync(join(dir, 'models', FACE_EMOTION), changed(join(root, 'models', FACE_EMOTION)));
    nonsense = createServer((socket) => socket.on('error', () => {}).end(randomBytes(5000))).listen(0, '127.0.0.1');
    await once(nonsense, 'listening');
    const { port } = nonsense.address() as AddressInfo;
    daemon = await Daemon.start({
      dir,
      password: true,
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: missing, kind: camera, url: "file:${join(dir, 'nowhere.mp4')}" }
      - { id: garbage, kind: camera, url: "file:${garbage}" }
      - { id: nonsense, kind: camera, url: "rtsp://user:hunter2@127.0.0.1:${port}/cam" }
      - { id: mute, kind: microphone, url: "file:${video}" }
      - { id: wordless, kind: microphone, device: "plughw:97,0" }
    devices: [virtual:lamp, virtual:ghost]
`,
    });
  });

  after(async () => {
    await daemon?.close();
    nonsense.close();
    rmSync(dirname(video), { recursive: true });
  });

  test('each is told with what is wrong, and tried again', async () => {
    const house = await daemon.houseWhen(
      ({ problems, rooms }) =>
        broken.every((id) => problems.some(({ scope }) => scope === `source:${id}`)) &&
        rooms[0]?.sources.some(({ id, state }) => id === 'cam' && state === 'live') === true,
    );
    const said = sentences(house);
    assert.deepEqual(
      Object.keys(said).sort(),
      ['model:face-emotion', 'room:study:virtual:ghost', ...broken.map((id) => `source:${id}`)].sort(),
    );
    assert.match(said['source:missing'] ?? '', /"missing" cannot be read: .*No such file/);
    assert.match(said['source:garbage'] ?? '', /"garbage" cannot be read: .*Invalid data/);
    assert.match(said['source:nonsense'] ?? '', /"nonsense" cannot be read: ./);
    assert.match(said['source:mute'] ?? '', /"mute" cannot be read: .*matches no streams/);
    assert.match(said['source:wordless'] ?? '', /"wordless" cannot be read: .*97/);
    assert.match(said['room:study:virtual:ghost'] ?? '', /"study" names the device "virtual:ghost"/);
    assert.ok(!JSON.stringify(house).includes('hunter2'));
    for (const { id, state } of house.rooms[0]?.sources ?? []) assert.equal(state === 'live', id === 'cam', `${id} is ${state}`);
  });

  test('a wrong model file is passed over, and told, where a good one lies elsewhere', async () => {
    const house = await daemon.house();
    const said = sentences(house)['model:face-emotion'];
    assert.match(said ?? '', new RegExp(`${join(dir, 'models', FACE_EMOTION)} is not the one the manifest names`));
  });

  test('the rest goes on: the room has its mood, the lamp follows', async () => {
    await daemon.mood('study', ({ label }) => label === 'cheerful');
    const lamp = await daemon.deviceWhen('virtual:lamp', ({ why }) => why.brightness?.some(({ wins }) => wins) ?? false);
    assert.equal(lamp.why.brightness?.[0]?.rung, 'mood');
    assert.ok(daemon.captures.length <= 1 + broken.length);
  });

  test('a file that appears is read', async () => {
    cpSync(video, join(dir, 'nowhere.mp4'));
    await daemon.houseWhen(({ problems }) => !problems.some(({ scope }) => scope === 'source:missing'));
    await daemon.roomWhen('study', ({ sources }) => sources.find(({ id }) => id === 'missing')?.state === 'live');
  });
});

suite('models', needs('ffmpeg', `models/${FACE_DETECTION}`, `models/${VOICE_ACTIVITY}`, 'media/astronaut.png', 'media/jfk.flac'), () => {
  /** A clone of its own, with nothing beside it. */
  const program = cloneProgram();
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
  const detector = join(dir, 'models', FACE_DETECTION);
  let video: string;
  let daemon: Daemon;

  const detectorInUse = async (): Promise<string | undefined> =>
    (await daemon.get<ModelView[]>('/api/models')).find(({ role, state }) => role === 'face-detection' && state === 'in-use')?.id;

  before(async () => {
    video = film({ seconds: 12, fps: 5, sound: true });
    mkdirSync(join(dir, 'models'));
    cpSync(shared(`models/${VOICE_ACTIVITY}`), join(dir, 'models', VOICE_ACTIVITY));
    writeFileSync(detector, changed(shared(`models/${FACE_DETECTION}`)));
    daemon = await Daemon.start({
      program,
      dir,
      password: true,
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
`,
    });
  });

  after(async () => {
    await daemon?.close();
    for (const each of [dirname(program), dirname(video)]) rmSync(each, { recursive: true });
  });

  test('one bit changed: the file is refused, by name, and the next model of its role does the work', async () => {
    const { problems } = await daemon.houseWhen((house) => house.problems.some(({ scope }) => scope.startsWith('model:')));
    assert.deepEqual(
      problems.map(({ scope, code, params }) => [scope, code, params.file]),
      [['model:face-detection', 'model.digest_mismatch', detector]],
    );
    assert.match(daemon.output, /To mend:\n.*face_detection_yunet_2026may\.onnx is not the one the manifest names/);
    const mood = await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
    assert.equal(mood.occupancy, true);
    assert.equal(await detectorInUse(), 'own-face');
  });

  test('the right file in its place is taken when sensing begins anew', async () => {
    cpSync(shared(`models/${FACE_DETECTION}`), detector);
    await daemon.put('/api/sensing', { on: false });
    await daemon.put('/api/sensing', { on: true });
    await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
    assert.equal(await detectorInUse(), 'yunet-dynamic');
    assert.deepEqual((await daemon.house()).problems, []);
  });
});

suite('a configuration that cannot be read', () => {
  const bridge = new HueBridgeSimulator();
  let daemon: Daemon;
  let port: number;

  const good = () => `version: 1
http: { port: ${port} }
mqtt: { listen: { port: 0 } }
adapters:
  virtual: {}
  hue: { bridges: [{ host: "${bridge.address}" }] }
rooms:
  study: { devices: [virtual:lamp] }
`;

  before(async () => {
    await bridge.start();
    port = await freePort();
    daemon = await Daemon.start({ config: good().replace('study: {', 'study: [') });
  });

  after(async () => {
    await daemon?.close();
    await bridge.close();
  });

  test('starts the hub in safe mode: the panel where it belongs, the mistake with its line, devices untouched', async () => {
    assert.equal(daemon.url, `http://127.0.0.1:${port}`);
    assert.match(daemon.output, /cannot be used: the panel shows what is wrong/);
    const house = await daemon.house();
    assert.equal(house.config.state, 'safe');
    assert.ok(house.problems.length > 0);
    for (const { scope, code, params } of house.problems)
      assert.deepEqual([scope.split(':')[0], code, params.line], ['config', 'config.malformed', 8]);
    assert.deepEqual([house.rooms, house.devices], [[], []]);
    assert.deepEqual(bridge.requests, []);
    assert.deepEqual([daemon.senses, daemon.captures], [undefined, []]);
  });

  test('a repair that is none leaves it there, with the mistakes of the file as it is now', async () => {
    daemon.edit(() => good().replace('devices:', 'device:').replace('virtual: {}', 'virtuel: {}'));
    const refused = await daemon.refusal('POST', '/api/reload');
    assert.deepEqual([refused.status, refused.code, refused.params.line], [400, 'config.invalid', 5]);
    const { config, problems } = await daemon.house();
    assert.equal(config.state, 'safe');
    assert.deepEqual(
      problems.map(({ code, params }) => [code, params.line, params.path]),
      [
        ['config.invalid', 5, 'adapters.virtuel'],
        ['config.invalid', 8, 'rooms.study.device'],
      ],
    );
  });

  test('a repaired file puts the house to work', async () => {
    daemon.edit(good);
    await daemon.post('/api/reload');
    const house = await daemon.houseWhen(({ problems }) => problems.some(({ code }) => code === 'hue.not_paired'));
    assert.deepEqual([house.config.state, house.problems.length], ['ok', 1]);
    assert.match(house.mqtt.url, /^mqtt:/);
    await daemon.put('/api/rooms/study/scene', { scene: 'movie' });
    await daemon.deviceWhen('virtual:lamp', ({ values }) => values.brightness === 10);
  });

  test('a flood of wrong passwords is slowed down, by code; who is logged in goes on, and so does who knows it', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => login(daemon.url, { password: `guess ${index}` })));
    const by = (status: number) => answers.filter((each) => each.status === status);
    assert.equal(by(401).length + by(429).length, answers.length);
    // Five at once, then one after 1, 2, 4, ... s: the slower the machine, the more.
    assert.ok(by(401).length <= 12, `${by(401).length} guesses were looked at`);
    for (const { code, retryAfter } of by(429)) assert.deepEqual([code, Number(retryAfter) > 0], ['auth.too_many', true]);
    assert.equal((await daemon.house()).config.state, 'ok');
    assert.equal((await login(daemon.url, { password: PASSWORD, from: '127.0.0.2' })).status, 200);
    await eventually(async () => (await login(daemon.url, { password: PASSWORD })).status === 200, PATIENCE, 'the wait is over');
  });
});

/** The bytes of a file, but for one bit. */
function changed(file: string): Uint8Array {
  const bytes = readFileSync(file);
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
  return bytes;
}

interface LoginAnswer {
  status: number;
  code: string | undefined;
  retryAfter: string | undefined;
}

/** `from`: another address of this machine, as another person's. */
function login(url: string, { password, from = '127.0.0.1' }: { password: string; from?: string }): Promise<LoginAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${url}/api/login`, { method: 'POST', headers, localAddress: from, agent: false }, async (answer) => {
      const { error } = (await json(answer)) as { error?: { code: string } };
      resolve({ status: answer.statusCode ?? 0, code: error?.code, retryAfter: answer.headers['retry-after'] });
    });
    sent.on('error', reject).end(JSON.stringify({ password }));
  });
}
