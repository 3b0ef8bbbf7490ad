import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Daemon, eventually, PATIENCE } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';

/** The main job, nothing in between: a face in a film, a mood, a lamp that follows it. */
suite('a face in a camera moves the lamp of the room', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  let daemon: Daemon;
  let startedAt: number;

  before(async () => {
    const video = film({ seconds: 20, fps: 10, sound: true });
    startedAt = performance.now();
    daemon = await Daemon.start({
      config: `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 2s, dwell: 2s }
adapters: { virtual: {} }
rooms:
  study:
    name: Study
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
`,
    });
  });

  after(() => daemon.close());

  test('the mood is what the face shows, and says what it comes from', async () => {
    const mood = await daemon.mood(
      'study',
      ({ label, contributions }) => label === 'cheerful' && contributions.some((each) => each.modality === 'voice'),
    );
    assert.equal(mood.emotion, 'happiness');
    assert.equal(mood.occupancy, true);
    assert.equal(mood.demo, undefined);
    const total = mood.contributions.reduce((sum, { weight }) => sum + weight, 0);
    assert.ok(Math.abs(total - 1) < 1e-6, `weights add up to ${total}`);
  });

  test('the lamp takes the scene of that mood, and can say why', async () => {
    const lamp = await daemon.deviceWhen(
      'virtual:lamp',
      ({ why }) => why.brightness?.some(({ rung, wins }) => rung === 'mood' && wins) ?? false,
    );
    const reason = lamp.why.brightness?.find(({ wins }) => wins)?.reason;
    assert.equal(reason?.code, 'reason.mood');
    assert.equal(reason?.params.mood, 'cheerful');
  });

  test('it says for how many seconds it has run', async () => {
    const { uptime } = await daemon.get<{ uptime: number }>('/api/health');
    assert.ok(Number.isInteger(uptime) && uptime <= (performance.now() - startedAt) / 1000, `${uptime}`);
  });

  test('sources are live, and switching sensing off ends their processes', async () => {
    const live = await daemon.houseWhen(({ rooms }) => rooms[0]?.sources.every(({ state }) => state === 'live') ?? false);
    assert.deepEqual(live.problems, []);
    assert.ok(daemon.captures.length >= 2);
    await daemon.put('/api/sensing', { on: false });
    await eventually(() => daemon.captures.length === 0, PATIENCE, 'capture processes end');
    const house = await daemon.house();
    assert.equal(house.sensing, false);
    assert.equal(house.rooms[0]?.mood, null);
    assert.ok(house.rooms[0]?.sources.every(({ state }) => state === 'off'));
  });
});
