import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { needsMicrophone, startMicrophone } from '../../test/helpers/alsa.ts';
import { Journal } from '../../test/helpers/journal.ts';
import { needs, shared } from '../../test/helpers/needs.ts';
import { descendants, isAlive, survivors } from '../../test/helpers/processes.ts';
import { FakeClock } from '../api/clock.fake.ts';
import { type Clock, systemClock } from '../api/clock.ts';
import type { Observation } from '../mood/observation.ts';
import type { CameraSpec, ModelReport, ProblemReport, SourceReport, SourceSpec, ThreadsReport } from './protocol.ts';
import { Senses, type Wanted } from './supervisor.ts';

const CLIP = 'media/clip_astronaut_pan_640x480_15fps.mp4';
const SPEECH = 'media/silero_test.wav';
const dir = mkdtempSync(join(tmpdir(), 'roomtone-senses-'));
after(() => rmSync(dir, { recursive: true }));

const camera = (id: string, changes: Partial<CameraSpec> = {}): SourceSpec => ({
  ...{ kind: 'camera', id, room: 'den', url: `file:${shared(CLIP)}`, fps: 5, width: 640, height: 360, masks: [] },
  ...changes,
});
const wanted = (...sources: SourceSpec[]): Wanted => ({
  sources,
  models: { dirs: [shared('models'), fileURLToPath(new URL('../../models', import.meta.url))], threads: 1 },
});

function setUp({ entry, env, clock = systemClock }: { entry?: string; env?: NodeJS.ProcessEnv; clock?: Clock } = {}) {
  const senses = new Senses({
    ...{ log: pino({ level: 'silent' }), clock, random: () => 0.5 },
    ...(env && { env }),
    ...(entry && { entry: fileURLToPath(new URL(`../../test/senses/${entry}.ts`, import.meta.url)) }),
  });
  const observations = new Journal<Observation>();
  const reports = new Journal<SourceReport>();
  const problems = new Journal<ProblemReport | null>();
  const pids = new Journal<number | null>();
  senses.events.on('observation', observations.add);
  senses.events.on('source', reports.add);
  senses.events.on('problem', problems.add);
  senses.events.on('pid', pids.add);
  const is = (source: string, state: SourceReport['state']) => (report: SourceReport) => report.source === source && report.state === state;
  return { senses, observations, reports, problems, pids, is };
}

const isNumber = (pid: number | null): pid is number => pid !== null;

describe('Senses', needs('ffmpeg', 'setpriv', 'prlimit', CLIP, SPEECH, 'models/manifest.json'), () => {
  it('sees a face in a film and hears speech in a recording, and runs nothing before and after', async () => {
    const { senses, observations, reports, pids } = setUp();
    senses.apply(wanted());
    assert.equal(senses.status().pid, null);
    senses.apply(wanted(camera('cam'), { kind: 'microphone', id: 'mic', room: 'den', url: `file:${shared(SPEECH)}` }));
    const face = await observations.first(({ modality }) => modality === 'face');
    assert.deepEqual([face.room, face.source], ['den', 'cam']);
    await observations.first((each) => each.modality === 'voice' && each.speech);
    const pid = pids.entries.find(isNumber);
    assert.ok(pid);
    const all = [pid, ...descendants(pid)];
    assert.equal(all.length, 3);
    senses.apply(wanted());
    await pids.next((each) => each === null);
    assert.deepEqual(await survivors(all, 0), []);
    assert.deepEqual(
      reports.entries
        .filter(({ state }) => state === 'off')
        .map(({ source }) => source)
        .sort(),
      ['cam', 'mic'],
    );
    assert.equal(senses.status().settled, true);
    await senses.close();
  });

  it('hears speech through an ALSA device from inside the sandbox', needsMicrophone(), async () => {
    const room = await startMicrophone();
    const { senses, observations, reports, is } = setUp({ env: { PATH: process.env.PATH, ...room.env } });
    senses.apply(wanted({ kind: 'microphone', id: 'mic', room: 'den', device: room.device }));
    await reports.first(is('mic', 'live'));
    const spoken = room.play(shared(SPEECH)).catch(() => {});
    await observations.first((each) => each.modality === 'voice' && each.speech);
    await senses.close();
    await room.close();
    await spoken;
  });

  it('touches only the sources that changed', async () => {
    const { senses, reports, pids, is } = setUp();
    senses.apply(wanted(camera('one'), camera('two'), camera('three')));
    const live = await Promise.all(['one', 'two', 'three'].map((id) => reports.first(is(id, 'live'))));
    const gone = reports.next(is('three', 'off'));
    const changed = reports.next((report) => is('two', 'live')(report) && report.pid !== live[1]?.pid);
    senses.apply(wanted(camera('one'), camera('two', { fps: 3 })));
    await Promise.all([gone, changed]);
    assert.equal(senses.status().sources.find(({ source }) => source === 'one')?.pid, live[0]?.pid);
    assert.ok(live[2]?.pid && !isAlive(live[2].pid));
    assert.equal(pids.entries.filter(isNumber).length, 1);
    await senses.close();
  });

  it('reads messages in turn, where no source runs too, and runs nothing once they are not wanted', async () => {
    const { senses, observations, pids } = setUp();
    senses.apply({ ...wanted(), text: true });
    for (const text of ['I love this, thank you so much!', 'I hate you, fuck off you idiot']) senses.read({ room: 'den', text, at: 7 });
    const glad = await observations.next();
    const angry = await observations.next();
    assert.ok(glad.modality === 'text' && angry.modality === 'text');
    assert.deepEqual([glad.room, glad.source, glad.at, glad.id], ['den', 'text', 7, 'text.1']);
    assert.ok(glad.sentiment > 0.5 && glad.quality > 0.9 && angry.probabilities.anger > 0.5);
    senses.apply(wanted());
    await pids.next((each) => each === null);
    await senses.close();
  });

  it('goes on with the others where one cannot be read', async () => {
    const garbage = join(dir, 'garbage.mp4');
    writeFileSync(garbage, Buffer.alloc(100_000, 'not a film'));
    const { senses, reports, observations, is } = setUp();
    senses.apply(
      wanted(
        camera('missing', { url: 'file:/nonexistent.mp4' }),
        camera('garbage', { url: `file:${garbage}` }),
        { kind: 'microphone', id: 'nodevice', room: 'den', device: 'plughw:97,0' },
        camera('good'),
      ),
    );
    for (const id of ['missing', 'garbage', 'nodevice']) {
      const { problem } = await reports.first(is(id, 'waiting'));
      assert.match(problem?.code ?? '', /^source\.(unreadable|no_program)$/);
    }
    assert.equal((await observations.first(() => true)).source, 'good');
    await senses.close();
  });

  it('replaces the process where the models change', async () => {
    const { senses, reports, pids, is } = setUp();
    senses.apply(wanted(camera('cam')));
    const before = await reports.first(is('cam', 'live'));
    const again = reports.next((report) => is('cam', 'live')(report) && report.pid !== before.pid);
    senses.apply({ ...wanted(camera('cam')), models: { dirs: [], threads: 2 } });
    await again;
    assert.equal(pids.entries.filter(isNumber).length, 2);
    assert.ok(senses.status().models.every(({ problem }) => problem?.code === 'model.missing'));
    await senses.close();
  });

  it('loads what its sources are read with, and has nothing loaded once they are off', async () => {
    const { senses, reports, pids, is } = setUp();
    const loaded = () => senses.status().models.map(({ role, model }) => `${role} ${model}`);
    senses.apply(wanted(camera('cam')));
    await reports.first(is('cam', 'live'));
    assert.deepEqual(loaded(), ['face-detection yunet-dynamic', 'face-emotion own-fer-int8']);
    senses.apply(wanted(camera('cam'), { kind: 'microphone', id: 'mic', room: 'den', url: `file:${shared(SPEECH)}` }));
    await reports.first(is('mic', 'live'));
    assert.deepEqual(loaded().slice(2), ['voice-activity silero-vad-16k', 'voice-arousal own-arousal', 'voice-emotion own-voice-emotion']);
    const told = new Journal<ModelReport>();
    senses.events.on('model', told.add);
    senses.apply(wanted());
    await pids.next((pid) => pid === null);
    assert.deepEqual([loaded(), told.entries.every(({ model, problem }) => model === null && problem === null)], [[], true]);
    assert.equal(told.entries.length, 5);
    await senses.close();
  });

  it('takes the threads that were measured when its models load next, not before', async () => {
    const { senses, reports, pids, is } = setUp();
    const threads = new Journal<ThreadsReport>();
    senses.events.on('threads', threads.add);
    const auto = (tuning: Wanted['tuning'], fps = 5): Wanted => {
      const plan = wanted(camera('cam', { fps }));
      return { ...plan, models: { ...plan.models, threads: 'auto' }, tuning };
    };
    senses.apply(auto(null));
    const first = await threads.first(() => true);
    assert.deepEqual([first.threads, first.tuned], [1, false]);
    await reports.first(is('cam', 'live'));
    senses.apply(auto({ key: first.key, threads: 2 }, 3));
    await reports.next(is('cam', 'live'));
    assert.deepEqual([threads.entries.length, pids.entries.length], [1, 1]);
    const next = threads.next(() => true);
    process.kill(senses.status().pid ?? 0, 'SIGKILL');
    assert.deepEqual(await next, { type: 'threads', key: first.key, threads: 2, tuned: true });
    await senses.close();
  });

  it('leaves no capture behind when it is killed, and starts again by itself', async () => {
    const { senses, reports, problems, pids, is } = setUp();
    senses.apply(wanted(camera('cam'), camera('cam2')));
    await Promise.all([reports.first(is('cam', 'live')), reports.first(is('cam2', 'live'))]);
    const pid = senses.status().pid;
    assert.ok(pid);
    const captures = descendants(pid);
    assert.equal(captures.length, 2);
    const waiting = reports.next(is('cam', 'waiting'));
    const back = reports.next(is('cam', 'live'));
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await survivors(captures, 2000), []);
    assert.equal((await waiting).problem?.code, 'senses.restarting');
    await back;
    assert.equal(pids.entries.filter(isNumber).length, 2);
    await problems.first((problem) => problem === null);
    const last = senses.status().pid;
    await senses.close();
    assert.ok(last && !isAlive(last));
  });

  it('dies with its hub, captures and all, also of kill -9', async () => {
    const hub = fork(fileURLToPath(new URL('../../test/senses/hub.ts', import.meta.url)));
    const said = new Journal<{ senses?: number; source?: string; state?: string; pid?: number | null }>();
    hub.on('message', said.add);
    hub.send(wanted(camera('cam')));
    await said.first(({ state }) => state === 'live');
    assert.ok(hub.pid);
    const all = descendants(hub.pid);
    assert.equal(all.length, 2);
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    assert.deepEqual(await survivors(all, 2000), []);
  });
});

describe('Senses that misbehave', needs('setpriv', 'prlimit'), () => {
  it('are given up after five ends within a minute, tried once more now and then, and when something is applied', async () => {
    const clock = new FakeClock();
    const { senses, problems, pids, reports, is } = setUp({ entry: 'crash', clock });
    senses.apply(wanted(camera('cam')));
    for (const delay of [500, 1000, 2000, 4000]) {
      const { problem } = await reports.next(is('cam', 'waiting'));
      assert.deepEqual(problem, { code: 'senses.restarting', params: { what: 'exit code 3' } });
      clock.advance(delay);
    }
    const givenUp = await problems.next();
    assert.deepEqual(givenUp, { code: 'senses.unavailable', params: { times: 5, what: 'exit code 3' } });
    clock.advance(4 * 60_000);
    assert.equal(pids.entries.filter(isNumber).length, 5);
    assert.equal(reports.entries.filter(is('cam', 'waiting')).at(-1)?.problem?.code, 'senses.unavailable');
    const ended = pids.next((pid) => pid === null);
    clock.advance(60_000);
    await ended;
    clock.advance(4 * 60_000);
    assert.equal(pids.entries.filter(isNumber).length, 6, 'one more end is enough');
    senses.apply(wanted(camera('cam')));
    assert.equal(pids.entries.filter(isNumber).length, 7);
    await senses.close();
    assert.equal(clock.pending, 0);
  });

  it('are killed when they fall silent, and replaced', async () => {
    const clock = new FakeClock();
    const { senses, problems, pids } = setUp({ entry: 'stall', clock });
    senses.apply(wanted(camera('cam')));
    const pid = senses.status().pid;
    assert.ok(pid);
    const stalled = problems.next((problem) => problem?.code === 'senses.stalled');
    while (isAlive(pid)) await clock.advanceAsync(1000);
    assert.ok(Number((await stalled)?.params.seconds) >= 10);
    const again = pids.next(isNumber);
    await clock.advanceAsync(500);
    assert.notEqual(await again, pid);
    const last = senses.status().pid;
    const closed = senses.close();
    while (last && isAlive(last)) await clock.advanceAsync(1000);
    await closed;
    assert.equal(clock.pending, 0);
  });

  it('cannot pass anything on that is not in the protocol, or not of a source that is wanted', async () => {
    const { senses, observations, reports } = setUp({ entry: 'babble' });
    senses.apply(wanted(camera('cam')));
    await observations.first(() => true);
    assert.deepEqual(
      observations.entries.map(({ id }) => id),
      ['cam#1'],
    );
    assert.deepEqual([...new Set(reports.entries.map(({ source }) => source))], ['cam']);
    assert.equal(senses.status().refused, 7);
    await senses.close();
  });

  it('stay off where they cannot be locked in', async () => {
    const { senses, problems, reports } = setUp({ env: { PATH: dir } });
    senses.apply(wanted(camera('cam')));
    assert.deepEqual(problems.last, { code: 'senses.no_sandbox', params: { program: 'setpriv' } });
    assert.deepEqual([reports.last?.state, reports.last?.problem?.code], ['waiting', 'senses.no_sandbox']);
    assert.equal(senses.status().pid, null);
    senses.apply(wanted());
    assert.deepEqual([problems.last, reports.last?.state], [null, 'off']);
    await senses.close();
  });
});
