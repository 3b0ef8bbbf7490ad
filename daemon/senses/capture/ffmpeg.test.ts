import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Journal } from '../../../test/helpers/journal.ts';
import { needs, shared } from '../../../test/helpers/needs.ts';
import { RoomtoneError } from '../../api/errors.ts';
import type { CameraSpec } from '../protocol.ts';
import { audioArguments, videoArguments } from './ffmpeg.ts';

const CLIP = 'media/clip_astronaut_pan_640x480_15fps.mp4';
const spec: CameraSpec = {
  kind: 'camera',
  id: 'cam',
  room: 'den',
  url: `file:${shared(CLIP)}`,
  fps: 15,
  width: 640,
  height: 360,
  masks: [],
};

/** ffmpeg with those arguments, its output cut into frames. Nobody reads it before `read`. */
function run(args: string[], bytes: number) {
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const frames = new Journal<number>();
  let read = 0;
  const onData = (chunk: Buffer) => {
    const before = Math.floor(read / bytes);
    read += chunk.length;
    for (let frame = before; frame < Math.floor(read / bytes); frame++) frames.add(frame);
  };
  const end = async () => {
    child.stdout.resume();
    child.stdin.write('q');
    await once(child, 'close');
  };
  return { frames, read: () => child.stdout.on('data', onData), end };
}

describe('videoArguments', () => {
  it('drops frames that nobody reads in time instead of keeping them', needs('ffmpeg', CLIP), async () => {
    const pace = run(videoArguments({ ...spec, width: 64, height: 36 }), 65 * 37 * 3);
    const busy = run(videoArguments(spec), 641 * 361 * 3);
    pace.read();
    await pace.frames.many(45);
    busy.read();
    await pace.frames.many(5);
    assert.ok(busy.frames.entries.length > 0);
    assert.ok(busy.frames.entries.length < 20, `${busy.frames.entries.length} frames of the last 50 had waited`);
    await Promise.all([pace.end(), busy.end()]);
  });

  it('gives no more frames than asked for', needs('ffmpeg', CLIP), async () => {
    const all = run(videoArguments({ ...spec, width: 64, height: 36 }), 65 * 37 * 3);
    const few = run(videoArguments({ ...spec, width: 64, height: 36, fps: 5 }), 65 * 37 * 3);
    all.read();
    few.read();
    await few.frames.many(1);
    const before = few.frames.entries.length;
    await all.frames.many(30);
    const seen = few.frames.entries.length - before;
    assert.ok(seen >= 5 && seen <= 15, `${seen} frames at 5 a second while 30 passed at 15`);
    await Promise.all([all.end(), few.end()]);
  });

  it('takes streams over TCP, devices and files, and refuses the rest', () => {
    const input = (url: string) => videoArguments({ ...spec, url }).join(' ');
    assert.match(input('rtsp://cam/sub'), /-rtsp_transport tcp .*-i rtsp:\/\/cam\/sub /);
    assert.match(input('http://cam/mjpeg'), /-protocol_whitelist http,https,tcp,tls -i http:\/\/cam\/mjpeg /);
    assert.match(input('/dev/video0'), /-f v4l2 -i \/dev\/video0 /);
    assert.match(input('file:clip.mp4'), /-re -stream_loop -1 -protocol_whitelist file -i file:clip.mp4 /);
    for (const url of ['ftp://cam/', '-i', 'concat:/etc/passwd', '/etc/passwd', '']) {
      assert.throws(
        () => input(url),
        (error: unknown) => error instanceof RoomtoneError && error.code === 'source.unreadable',
      );
    }
  });
});

describe('audioArguments', () => {
  it('takes streams and files, no devices', () => {
    assert.match(audioArguments({ id: 'mic', url: 'rtsp://cam/sub' }).join(' '), /-map 0:a:0 -ac 1 -ar 16000 -f s16le pipe:1$/);
    assert.throws(() => audioArguments({ id: 'mic', url: '/dev/video0' }), RoomtoneError);
  });
});
