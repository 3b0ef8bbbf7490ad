import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { COMMON, Daemon, eventually, PATIENCE } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';

/** A file that is edited under a running house. The tests build on each other. */
suite('the configuration is read again', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  let video: string;
  let daemon: Daemon;
  let good: string;

  const running = () => [daemon.senses, ...daemon.captures.map(({ pid }) => pid).sort()];
  const brightness = (wanted: number) => daemon.deviceWhen('virtual:lamp', ({ values }) => values.brightness === wanted);
  const seen = (room: string) => daemon.mood(room, ({ trigger }) => trigger !== undefined);
  const edit = (change: (yaml: string) => string) => {
    const before = good;
    good = change(good);
    assert.notEqual(good, before);
    daemon.edit(() => good);
  };

  before(async () => {
    video = film({ seconds: 6, fps: 10, sound: true });
    good = `# Our house
${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
scenes:
  reading:
    lights: { brightness: 60 }
    transition: 0
`;
    daemon = await Daemon.start({ config: good });
    await daemon.put('/api/rooms/study/scene', { scene: 'reading' });
    await daemon.roomWhen('study', ({ sources }) => sources.every(({ state }) => state === 'live'));
    await brightness(60);
  });

  after(async () => {
    await daemon?.close();
    rmSync(dirname(video), { recursive: true });
  });

  for (const [by, wanted, reload] of [
    ['on request', 35, () => daemon.post('/api/reload')],
    ['by SIGHUP', 80, async () => daemon.process.kill('SIGHUP')],
  ] as const) {
    test(`an edited scene that is in force is drawn anew ${by}, and no capture process is touched`, async () => {
      const before = running();
      assert.equal(before.length, 3);
      edit((yaml) => yaml.replace(/lights: \{ brightness: \d+ \}/, `lights: { brightness: ${wanted} }`));
      await reload();
      await brightness(wanted);
      assert.equal((await daemon.room('study')).scene, 'reading');
      await seen('study');
      assert.deepEqual(running(), before);
    });
  }

  test('a bad edit is refused with line and key, and everything goes on as before', async () => {
    const before = running();
    const bad = good.replace('transition: 0', 'transition: soon').replace('brightness: 80', 'brightness: 20');
    daemon.edit(() => bad);
    const refused = await daemon.refusal('POST', '/api/reload');
    assert.deepEqual([refused.status, refused.code, refused.params.path], [400, 'config.invalid', 'scenes.reading.transition']);
    assert.equal(bad.split('\n')[Number(refused.params.line) - 1]?.trim(), 'transition: soon');
    daemon.process.kill('SIGHUP');
    await daemon.printed(/"event":"reload_failed"/);
    await seen('study');
    const house = await daemon.house();
    assert.deepEqual([house.config.state, house.problems, house.rooms[0]?.scene], ['ok', [], 'reading']);
    assert.equal(house.devices[0]?.values.brightness, 80);
    assert.deepEqual(running(), before);
    daemon.edit(() => good);
    await daemon.post('/api/reload');
    assert.deepEqual(running(), before);
  });

  test('masks that change restart that camera alone, and no picture is captured without them', async () => {
    const cameras = () => daemon.captures.filter(({ command }) => command.includes('rawvideo'));
    const [before, [camera]] = [running(), cameras()];
    const unmasked: string[] = [];
    edit((yaml) => yaml.replace('{ id: cam, kind: camera,', '{ id: cam, kind: camera, masks: [[[0, 0], [0.2, 0], [0.2, 0.2]]],'));
    await daemon.post('/api/reload');
    await eventually(
      () => {
        unmasked.push(...cameras().flatMap(({ pid, command }) => (pid === camera?.pid || command.includes('drawbox') ? [] : [command])));
        return cameras().some(({ command }) => command.includes('drawbox'));
      },
      PATIENCE,
      'the camera is captured with its mask',
    );
    await seen('study');
    assert.deepEqual(
      before.filter((pid) => !running().includes(pid)),
      [camera?.pid],
    );
    assert.deepEqual(unmasked, []);
  });

  test('a room with a source and a lamp joins, while the house is asked and everything else runs on', async () => {
    const before = running();
    edit((yaml) =>
      yaml
        .replace('virtual: {}', 'virtual: { lamps: [{ id: lamp, name: Lamp }, { id: spot, name: Spot, kind: dimmable }] }')
        .replace(
          'scenes:',
          `  hall:\n    sources: [{ id: door, kind: camera, url: "file:${video}", fps: 2 }]\n    devices: [virtual:spot]\nscenes:`,
        ),
    );
    await Promise.all([daemon.post('/api/reload'), daemon.post('/api/reload'), ...Array.from({ length: 4 }, () => daemon.house())]);
    await daemon.roomWhen('hall', ({ sources }) => sources[0]?.state === 'live');
    await seen('hall');
    assert.deepEqual((await daemon.device('virtual:spot')).rooms, ['hall']);
    assert.deepEqual(
      before.filter((pid) => !running().includes(pid)),
      [],
    );
    assert.equal(running().length, before.length + 1);
    assert.equal((await daemon.device('virtual:lamp')).values.brightness, 80);
  });

  test('and leaves again: its process ends, its lamp is nobody’s', async () => {
    edit((yaml) => yaml.replace(/ {2}hall:\n.*\n.*\n/, ''));
    await daemon.post('/api/reload');
    await eventually(() => running().length === 3, PATIENCE, 'the capture of the room that left ends');
    const house = await daemon.house();
    assert.deepEqual([house.rooms.map(({ id }) => id), house.problems], [['study'], []]);
    assert.deepEqual((await daemon.device('virtual:spot')).rooms, []);
    assert.equal((await daemon.refusal('GET', '/api/rooms/hall')).code, 'api.unknown_room');
  });

  test('an address that changed waits for a restart, and says so', async () => {
    edit((yaml) => yaml.replace('http: { port: 0 }', 'http: { port: 8999 }'));
    const { config } = await daemon.post<{ config: { restartRequired: string[] } }>('/api/reload');
    assert.deepEqual(config.restartRequired, ['http.port']);
    edit((yaml) => yaml.replace('http: { port: 8999 }', 'http: { port: 0 }'));
    const undone = await daemon.post<{ config: { restartRequired: string[] } }>('/api/reload');
    assert.deepEqual(undone.config.restartRequired, []);
  });

  test('who reloaded is in the audit, a refused one is not', async () => {
    const entries = await daemon.get<{ actor: string; action: string }[]>('/api/audit');
    const reloads = entries.filter(({ action }) => action === 'config.reloaded').map(({ actor }) => actor);
    assert.deepEqual(new Set(reloads), new Set(['panel:admin', 'system:SIGHUP']));
    assert.equal(reloads.filter((actor) => actor === 'system:SIGHUP').length, 1);
  });
});
