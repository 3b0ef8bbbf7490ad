import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type FakeMicrophone, needsMicrophone, startMicrophone } from './helpers/alsa.ts';
import { COMMON, Daemon, eventually, PATIENCE } from './helpers/daemon.ts';
import { film } from './helpers/media.ts';
import { needs, shared } from './helpers/needs.ts';
import { needsRtspCamera, type RtspCamera, startRtspCamera } from './helpers/rtsp-camera.ts';

const needed = {
  ...needs('ffmpeg', 'models/manifest.json', 'media/astronaut.png', 'media/jfk.flac'),
  ...needsRtspCamera(),
  ...needsMicrophone(),
};

/** What loop.test.ts shows for a file, for what people have: a camera on the network, a microphone on the sound card. */
suite('real inputs reach the mood of their room', needed, () => {
  let video: string;
  let camera: RtspCamera;
  let microphone: FakeMicrophone;
  let daemon: Daemon;

  before(async () => {
    video = film({ seconds: 6, fps: 10, sound: true });
    [camera, microphone] = await Promise.all([
      startRtspCamera({ file: video, auth: { user: 'viewer', password: 'p@ss:word' } }),
      startMicrophone(),
    ]);
    daemon = await Daemon.start({
      env: microphone.env,
      config: `${COMMON}adapters: { virtual: {} }
rooms:
  hall:
    sources:
      - { id: cam, kind: camera, url: "${camera.url}" }
      - { id: cam-sound, kind: microphone, url: "${camera.url}" }
    devices: [virtual:lamp]
  study:
    sources:
      - { id: mic, kind: microphone, device: ${microphone.device} }
`,
    });
  });

  after(async () => {
    await daemon?.close();
    await Promise.all([camera?.close(), microphone?.close()]);
    rmSync(dirname(video), { recursive: true });
  });

  test('a microphone that hears nothing makes no mood; speech does', async () => {
    const quiet = await daemon.roomWhen('study', ({ sources }) => sources[0]?.state === 'live');
    assert.equal(quiet.mood, null);
    const heard = daemon.mood('study', ({ contributions }) => contributions.length > 0);
    const [mood] = await Promise.all([heard, microphone.play(speech(dirname(video)))]);
    assert.deepEqual(
      mood.contributions.map(({ source, modality }) => ({ source, modality })),
      [{ source: 'mic', modality: 'voice' }],
    );
    assert.ok(mood.confidence > 0.05, `confidence ${mood.confidence}`);
  });

  test('a face and a voice in one RTSP stream, behind a login', async () => {
    const mood = await daemon.mood(
      'hall',
      ({ label, contributions }) => label === 'cheerful' && new Set(contributions.map(({ modality }) => modality)).size === 2,
    );
    assert.equal(mood.emotion, 'happiness');
    assert.equal(mood.occupancy, true);
    assert.deepEqual(mood.contributions.map(({ source }) => source).sort(), ['cam', 'cam-sound']);
  });

  test('the login of a camera is in no log and no answer', async () => {
    assert.doesNotMatch(daemon.output, /p@ss|p%40ss/);
    assert.doesNotMatch(JSON.stringify(await daemon.house()), /p@ss|p%40ss/);
  });

  test('a microphone that is switched off is let go of', async () => {
    const arecord = () => daemon.captures.find(({ command }) => command.includes('arecord'));
    assert.ok(arecord());
    assert.equal(await microphone.recorders(), 1);
    await daemon.put('/api/sources/mic', { on: false });
    await eventually(() => !arecord(), PATIENCE, 'arecord ends');
    assert.equal(await microphone.recorders(), 0);
    assert.equal((await daemon.room('study')).sources[0]?.state, 'off');
    await daemon.put('/api/sources/mic', { on: true });
    await daemon.roomWhen('study', ({ sources }) => sources[0]?.state === 'live');
  });

  test('a camera that loses power is told, and the rest goes on', async () => {
    await camera.close();
    const { rooms, problems } = await daemon.houseWhen(({ rooms: [hall] }) => hall?.sources.every(({ problem }) => problem) ?? false);
    const [hall, study] = rooms;
    assert.ok(hall?.sources.every(({ state }) => state !== 'live'));
    assert.deepEqual(problems.map(({ scope }) => scope).sort(), ['source:cam', 'source:cam-sound']);
    assert.ok(problems.every(({ params }) => !JSON.stringify(params).includes('p%40ss')));
    assert.equal(study?.sources[0]?.state, 'live');
  });
});

/** What a microphone can be told: 16 kHz, mono. */
function speech(dir: string): string {
  const file = join(dir, 'speech.wav');
  execFileSync('ffmpeg', ['-v', 'error', '-i', shared('media/jfk.flac'), '-t', '7', '-ac', '1', '-ar', '16000', '-y', file]);
  return file;
}
