import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ModelView } from '../daemon/api/views.ts';
import { findProgram } from '../daemon/senses/programs.ts';
import { cloneProgram } from './helpers/clone.ts';
import { COMMON, Daemon, processTree, setPassword, starterOnFreePorts } from './helpers/daemon.ts';
import { needs } from './helpers/needs.ts';
import { isAlive } from './helpers/processes.ts';

/** What every Debian has, and the Node.js of the system. Neither ffmpeg nor arecord. */
const ON_EVERY_DEBIAN = ['sh', 'bash', 'env', 'uname', 'readlink', 'dirname', 'setpriv', 'prlimit', 'node', 'npm'];

/** A fresh clone on a machine that has nothing else, by `npm start`. The tests build on each other. */
suite('npm start on a bare machine', needs('npm', 'setpriv', 'prlimit'), () => {
  const program = cloneProgram();
  const home = mkdtempSync(join(tmpdir(), 'roomtone-home-'));
  const env = { HOME: home, PATH: bareMachine(join(home, 'bin')), npm_config_update_notifier: 'false' };
  let daemon: Daemon;

  const start = () => Daemon.start({ program, npm: true, config: starterOnFreePorts(), password: false, env });

  before(async () => {
    daemon = await start();
  });

  after(async () => {
    await daemon?.close();
    for (const each of [dirname(program), home]) rmSync(each, { recursive: true });
  });

  test('one block says where everything is, what is missing, and how to get it', () => {
    const block = daemon.output.slice(daemon.output.indexOf('  Roomtone '));
    for (const line of [
      /^ {2}Control panel +http:\/\/127\.0\.0\.1:\d+$/m,
      /^ {2}First visit +http:\/\/127\.0\.0\.1:\d+\/setup#token=\S+$/m,
      /^ {2}MQTT +mqtt:\/\/127\.0\.0\.1:\d+$/m,
      new RegExp(`^  Data +${daemon.dir}$`, 'm'),
      new RegExp(`^  Configuration +${daemon.configFile}$`, 'm'),
      /^ {2}- ffmpeg is not installed.*sudo apt install ffmpeg\.$/m,
      /^ {2}- arecord is not installed.*sudo apt install alsa-utils\.$/m,
      /^ {2}Models that stand in until better ones are fetched/m,
      /^ {2}Stop with Ctrl-C\.$/m,
    ])
      assert.match(block, line);
    assert.equal(block.match(/^ {2}- /gm)?.length, 2 + (block.match(/^ {2}- .*; trained on /gm)?.length ?? 0), 'nothing else is amiss');
  });

  test('the starter room is alive: a demo moves its lamp', async () => {
    await setPassword(daemon.dir);
    const mood = await daemon.mood('living-room', ({ contributions }) => contributions.length > 0);
    assert.equal(mood.demo, true);
    const lamp = await daemon.deviceWhen(
      'virtual:lamp',
      ({ why }) => why.brightness?.some(({ rung, wins }) => rung === 'mood' && wins) ?? false,
    );
    assert.equal(lamp.available, true);
    const panel = await fetch(daemon.url);
    assert.match(await panel.text(), /<title>Roomtone<\/title>/);
  });

  test('Ctrl-C reaches npm and the hub at once, and npm passes it on: all end in good order', async () => {
    const tree = processTree(daemon.pid).map(({ pid }) => pid);
    assert.ok(tree.length >= 2);
    await daemon.kill('SIGINT');
    assert.deepEqual([daemon.process.exitCode, tree.filter(isAlive)], [0, []]);
  });

  test('SIGTERM to npm alone ends the hub too', async () => {
    await daemon.close();
    daemon = await start();
    const tree = processTree(daemon.pid).map(({ pid }) => pid);
    const ended = once(daemon.process, 'exit');
    daemon.process.kill('SIGTERM');
    await ended;
    assert.deepEqual(tree.filter(isAlive), []);
  });

  test('its exit codes come through npm', async () => {
    const codeOf = (...args: string[]) => spawnSync('npm', ['start', '--', ...args], { cwd: program, env, stdio: 'ignore' }).status;
    assert.deepEqual([codeOf('--help'), codeOf('--nonsense'), codeOf('--config', join(home, 'nowhere.yaml'))], [0, 64, 78]);
  });
});

/** A folder with links to those programs, to be a PATH of its own. */
function bareMachine(bin: string): string {
  // npm puts the Node.js that the install brought in front of the system's.
  const path = (process.env.PATH ?? '').split(delimiter).filter((dir) => !dir.includes('node_modules'));
  mkdirSync(bin);
  for (const name of ON_EVERY_DEBIAN) {
    const found = findProgram(name, path.join(delimiter));
    if (found) symlinkSync(found, join(bin, name));
  }
  return bin;
}

/** What it does with a film of a face: nothing is fetched, and nothing lies beside it. */
suite('a bare machine with ffmpeg', needs('ffmpeg'), () => {
  const program = cloneProgram();
  const film = join(import.meta.dirname, 'fixtures/portrait.mp4');
  let daemon: Daemon;

  before(async () => {
    daemon = await Daemon.start({
      program,
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources: [{ id: cam, kind: camera, url: "file:${film}" }]
    devices: [virtual:lamp]
`,
    });
  });

  after(async () => {
    await daemon?.close();
    rmSync(dirname(program), { recursive: true });
  });

  test('reads the mood of the face', async () => {
    const mood = await daemon.mood('study', ({ contributions }) => contributions.some(({ modality }) => modality === 'face'));
    assert.equal(mood.emotion, 'happiness');
    assert.equal(mood.occupancy, true);
    assert.deepEqual((await daemon.house()).problems, []);
  });

  test('by models that came with it, and says which of them stand in for better ones', async () => {
    const models = await daemon.get<ModelView[]>('/api/models');
    const inUse = models.filter(({ state }) => state === 'in-use').map(({ id }) => id);
    assert.ok(inUse.includes('own-face'), inUse.join(', '));
    assert.ok(models.every(({ state, id }) => state !== 'in-use' || id.startsWith('own-')));
    assert.match(daemon.output, /Models that stand in until better ones are fetched .*: own-face for yunet-dynamic, /);
  });

  test('keeps nothing but numbers: no picture lies in its data folder', () => {
    const files = readdirSync(daemon.dir, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((file) => /\.(jpe?g|png|mp4|raw|rgb|part|onnx)$/.test(file)),
      [],
    );
  });
});
