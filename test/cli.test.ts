import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { COMMON, Daemon, eventually, PATIENCE, processTree, roomtone } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs } from './helpers/needs.ts';
import { survivors } from './helpers/processes.ts';

suite('the command line', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'roomtone-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const file = (yaml: string): string => {
    writeFileSync(join(dir, 'house.yaml'), yaml);
    return join(dir, 'house.yaml');
  };

  test('--help names every command and exit code', async () => {
    const { code, stdout, stderr } = await roomtone('--help');
    assert.deepEqual([code, stderr], [0, '']);
    for (const word of ['start', 'check', 'password', 'secret', 'pair', '--config', '--data', '64', '69', '73', '78'])
      assert.ok(stdout.includes(word), word);
  });

  test('what it does not know is named, with the way to help', async () => {
    for (const args of [['dance'], ['--nonsense']]) {
      const { code, stderr } = await roomtone(...args);
      assert.equal(code, 64);
      assert.match(stderr, new RegExp(`${args[0]}.*See roomtone --help`));
    }
  });

  test('check: a good file is counted', async () => {
    const good = file('version: 1\nrooms:\n  den: { sources: [{ id: cam, kind: camera, url: /dev/video0 }] }\n');
    const { code, stdout, stderr } = await roomtone('check', good, '--data', dir);
    assert.deepEqual([code, stdout.split('\n')[0], stderr], [0, `${good}: good (1 room, 1 source)`, '']);
    assert.match(stdout, /\nModels that stand in until better ones are fetched .*: .*own-fer-int8 for enet-b0-8-va-mtl/);
  });

  test('check: every mistake of a bad file has its place', async () => {
    const bad = file('version: 1\nhtpp: {}\nrooms:\n  den:\n    sources:\n      - { id: cam, kind: camera, url: nowhere }\n');
    const { code, stdout, stderr } = await roomtone('check', bad);
    assert.deepEqual([code, stdout], [78, '']);
    const [key, url, ...rest] = stderr.trim().split('\n');
    assert.deepEqual(rest, []);
    assert.ok(key?.startsWith(`${bad}:2:1: htpp: unknown key; did you mean http?`), key);
    assert.ok(url?.startsWith(`${bad}:6:`) && url.includes('rooms.den.sources[0].url'), url);
  });

  test('check: YAML that is none, and a file that is not there', async () => {
    const malformed = file('version: 1\nrooms: { den: [\n');
    const first = await roomtone('check', malformed);
    assert.equal(first.code, 78);
    assert.match(first.stderr, /house\.yaml:[23]:\d+: /);
    const second = await roomtone('check', join(dir, 'nowhere.yaml'));
    assert.deepEqual([second.code, second.stderr.includes('nowhere.yaml')], [78, true]);
  });

  test('a panel port that is taken: said, with the way out', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const config = file(`version: 1\nhttp: { port: ${port} }\nmqtt: { listen: { port: 0 } }\n`);
    const { code, stderr } = await roomtone('--config', config, '--data', join(dir, 'data'));
    other.close();
    assert.equal(code, 69);
    assert.match(stderr, new RegExp(`^roomtone: Port ${port} is taken\\. Choose another \\(http\\.port`, 'm'));
  });

  test('a configuration that is not there', async () => {
    const { code, stderr } = await roomtone('--config', join(dir, 'nowhere.yaml'), '--data', dir);
    assert.deepEqual([code, stderr], [78, `roomtone: There is no configuration file at ${join(dir, 'nowhere.yaml')}.\n`]);
  });

  test('a data folder that cannot be one', async () => {
    const { code, stderr } = await roomtone('--data', join(file('a file'), 'data'), '--config', file('version: 1\n'));
    assert.equal(code, 73);
    assert.match(stderr, /^roomtone: The database .*house\.yaml/m);
  });
});

suite('one daemon', needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png'), () => {
  let video: string;
  let daemon: Daemon;

  before(async () => {
    video = film({ seconds: 6, fps: 10, sound: true });
    daemon = await Daemon.start({
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  study:
    sources:
      - { id: cam, kind: camera, url: "file:${video}" }
      - { id: mic, kind: microphone, url: "file:${video}" }
    devices: [virtual:lamp]
`,
    });
    await daemon.roomWhen('study', ({ sources }) => sources.every(({ state }) => state === 'live'));
  });

  after(async () => {
    await daemon?.close();
    rmSync(dirname(video), { recursive: true });
  });

  test('a second on the same data folder is refused by name, and the first goes on', async () => {
    const { code, stderr } = await roomtone('--config', daemon.configFile, '--data', daemon.dir);
    assert.equal(code, 73);
    assert.equal(stderr, `roomtone: The data folder ${daemon.dir} is in use by another Roomtone (process ${daemon.pid}).\n`);
    await daemon.mood('study');
  });

  test('Ctrl-C ends it with 0, whoever is looking on and though the senses hang, and leaves no child', async () => {
    const children = processTree(daemon.pid).map(({ pid }) => pid);
    assert.ok(children.length >= 4, 'hub, senses, two captures');
    process.kill(daemon.senses as number, 'SIGSTOP');
    const watching = (async () => {
      // More than once, as an impatient person does.
      for await (const _ of daemon.live()) daemon.process.kill('SIGINT');
    })();
    const told = () => daemon.refusal('PUT', '/api/rooms/study/mode', { mode: 'paused' }).catch(() => undefined);
    const { status, code } = await eventually(told, PATIENCE, 'who wants something changed is told that it ends');
    assert.deepEqual([status, code], [503, 'api.closed']);
    await eventually(() => daemon.process.exitCode !== null || daemon.process.signalCode !== null, PATIENCE, 'the hub ends');
    await watching.catch(() => {});
    assert.deepEqual([daemon.process.exitCode, await survivors(children, 2000)], [0, []]);
  });
});
