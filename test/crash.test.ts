import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import Database from 'better-sqlite3';
import type { HoldEnd } from '../daemon/api/views.ts';
import { COMMON, Daemon, eventually, PATIENCE } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';
import { isAlive, survivors } from './helpers/processes.ts';
import { HueBridgeSimulator } from './simulators/hue/simulator.ts';

/** What is killed outright comes back, or leaves nothing behind. The tests build on each other. */
suite('kill -9', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  const bridge = new HueBridgeSimulator({
    lamps: [
      { kind: 'color', name: 'Desk' },
      { kind: 'color', name: 'Shelf' },
      { kind: 'color', name: 'Floor' },
    ],
  });
  const [desk, shelf, floor] = [bridge.light('Desk'), bridge.light('Shelf'), bridge.light('Floor')];
  const idOf = ({ id }: { id: string }) => `hue:${bridge.bridgeId.toLowerCase()}.${id}`;
  let video: string;
  let daemon: Daemon;
  let heldUntil: HoldEnd | undefined;

  const commands = () => bridge.requests.filter(({ method }) => method === 'PUT');
  const camera = () => daemon.captures.find(({ command }) => command.includes('rawvideo'))?.pid;
  const microphone = () => daemon.captures.find(({ command }) => command.includes('s16le'))?.pid;
  const seen = () => daemon.mood('den', ({ trigger }) => trigger?.startsWith('cam') ?? false);
  const bothLive = () => daemon.roomWhen('den', ({ sources }) => sources.every(({ state }) => state === 'live'));
  const sensing = () => [daemon.senses ?? 0, ...daemon.captures.map(({ pid }) => pid)];

  /** So that none of them can notice by itself that its parent is gone: it may hang at the time. */
  const frozen: number[] = [];
  const freeze = (pids: readonly number[]): void => {
    frozen.push(...pids);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
  };

  before(async () => {
    video = film({ seconds: 6, fps: 10, sound: true });
    await bridge.start();
    daemon = await Daemon.start({
      config: `${COMMON}adapters:
  virtual: {}
  hue: { bridges: [{ host: "${bridge.address}" }] }
rooms:
  den:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [${[desk, shelf, floor].map((lamp) => `"${idOf(lamp)}"`).join(', ')}]
  study: { devices: [virtual:lamp] }
`,
    });
    bridge.pressLinkButton();
    await daemon.post('/api/adapters/hue/pair', { host: bridge.address });
    await daemon.put('/api/rooms/den/mode', { mode: 'auto' });
    await Promise.all(
      [desk, shelf, floor].map(({ id }) => bridge.waitForLight(id, ({ brightness }) => Math.round(brightness ?? 0) === 90)),
    );
    await bothLive();
  });

  after(async () => {
    for (const pid of frozen.filter(isAlive)) process.kill(pid, 'SIGKILL');
    await daemon?.close();
    await bridge.close();
    rmSync(dirname(video), { recursive: true });
  });

  test('of ffmpeg: its source is told and comes back, the others never stop', async () => {
    const [senses, cam, mic] = [daemon.senses, camera(), microphone()];
    assert.ok(cam && mic);
    const told = daemon.houseWhen(({ problems }) => problems.some(({ code }) => code === 'source.ended'));
    process.kill(cam, 'SIGKILL');
    assert.deepEqual(
      (await told).problems.map(({ scope }) => scope),
      ['source:cam'],
    );
    await daemon.houseWhen(({ problems }) => problems.length === 0);
    await seen();
    assert.notEqual(camera(), cam);
    assert.deepEqual([daemon.senses, microphone()], [senses, mic]);
  });

  test('of the senses: no camera stays open, moods resume, lamps stay', async () => {
    const before = commands().length;
    const [senses = 0, ...children] = sensing();
    const told = daemon.houseWhen(({ problems }) => problems.some(({ scope, code }) => scope === 'senses' && code === 'senses.restarting'));
    freeze(children);
    process.kill(senses, 'SIGKILL');
    assert.deepEqual(await survivors(children, 2000), []);
    await told;
    await bothLive();
    await seen();
    assert.ok(daemon.senses && daemon.senses !== senses);
    assert.deepEqual((await daemon.house()).problems, []);
    assert.deepEqual(commands().slice(before), []);
  });

  test('of the hub: what captured is gone within 2 s', async () => {
    bridge.turnByHand(desk.id, { brightness: 20 });
    heldUntil = (await daemon.deviceWhen(idOf(desk), ({ holds }) => holds.brightness !== undefined)).holds.brightness;
    await daemon.put('/api/rooms/study/mode', { mode: 'paused' });
    await daemon.put('/api/sources/mic', { on: false });
    await daemon.roomWhen('den', ({ sources }) => sources[1]?.state === 'off' && sources[0]?.state === 'live');
    const capturing = await eventually(() => microphone() === undefined && sensing(), PATIENCE, 'the microphone is let go of');
    assert.ok(capturing.length === 2 && capturing.every(isAlive));
    await eventually(() => lastMood(daemon.dir) === 'cheerful', PATIENCE, 'the mood is on disk');
    freeze(capturing);
    await daemon.kill('SIGKILL');
    assert.deepEqual(await survivors(capturing, 2000), []);
  });

  test('after it, holds, modes and switches are as they were, and no lamp was told anything', async () => {
    const before = commands().length;
    bridge.turnByHand(shelf.id, { xy: { x: 0.2, y: 0.1 } });
    daemon = await Daemon.start({ dir: daemon.dir });
    await bridge.waitForStreams(1);
    await daemon.mood('den', ({ label, trigger }) => label === 'cheerful' && (trigger?.startsWith('cam') ?? false));
    const house = await daemon.houseWhen(({ devices }) => devices.every(({ available }) => available));
    const [den, study] = house.rooms;
    assert.deepEqual([den?.mode, den?.moodScene, study?.mode], ['auto', 'energise', 'paused']);
    assert.deepEqual(
      den?.sources.map(({ enabled, state }) => ({ enabled, state })),
      [
        { enabled: true, state: 'live' },
        { enabled: false, state: 'off' },
      ],
    );
    assert.equal(microphone(), undefined);
    const [deskNow, shelfNow] = [desk, shelf].map((lamp) => house.devices.find(({ id }) => id === idOf(lamp)));
    assert.deepEqual(deskNow?.holds, { brightness: heldUntil });
    assert.ok(shelfNow?.holds.color, 'what a hand changed meanwhile is a hold');

    // The bridge takes commands in the order in which they are decided: one of ours is the first it gets.
    await daemon.put(`/api/devices/${idOf(floor)}`, { brightness: 42 });
    await bridge.waitForLight(floor.id, ({ brightness }) => Math.round(brightness ?? 0) === 42);
    const told = commands().slice(before);
    assert.equal(told.length, 1, JSON.stringify(told.map(({ path, body }) => ({ path, body }))));
    assert.deepEqual(house.problems, []);
  });

  test('sensing that is off stays off: no process of it, not even for a moment', async () => {
    await daemon.put('/api/sensing', { on: false });
    await daemon.kill('SIGKILL');
    daemon = await Daemon.start({ dir: daemon.dir, args: ['--log', 'debug'] });
    const house = await daemon.house();
    assert.equal(house.sensing, false);
    assert.ok(house.rooms[0]?.sources.every(({ state }) => state === 'off'));
    assert.deepEqual([daemon.senses, daemon.captures], [undefined, []]);
    assert.doesNotMatch(daemon.output, /model loaded/);
  });

  test('the database is whole, and was never set aside', async () => {
    await daemon.kill('SIGKILL');
    const database = new Database(join(daemon.dir, 'roomtone.db'));
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    database.close();
    assert.deepEqual(
      readdirSync(daemon.dir).filter((name) => name.includes('corrupt')),
      [],
    );
  });
});

function lastMood(dir: string): unknown {
  const database = new Database(join(dir, 'roomtone.db'), { readonly: true });
  const label = database.prepare("SELECT label FROM moods WHERE room = 'den' ORDER BY at DESC LIMIT 1").pluck().get();
  database.close();
  return label;
}
