import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { filmOfSizes } from '../../../test/helpers/media.ts';
import { needs } from '../../../test/helpers/needs.ts';
import type { CameraSpec } from '../protocol.ts';
import { videoArguments } from './ffmpeg.ts';
import { type Bounds, type CapturedFrame, FrameCutter, FrameSlot } from './frames.ts';
import { type Band, maskBands } from './mask.ts';

const dir = mkdtempSync(join(tmpdir(), 'roomtone-picture-'));
after(() => rmSync(dir, { recursive: true }));

const camera = (file: string, options: Partial<CameraSpec>): CameraSpec => ({
  ...{ kind: 'camera', id: 'cam', room: 'den', url: `file:${file}`, fps: 10, width: 640, height: 640, masks: [] },
  ...options,
});

/** Frames as they come out of ffmpeg, until one is the last. The data of a frame holds until the next is asked for. */
async function* frames(spec: CameraSpec): AsyncGenerator<CapturedFrame> {
  const child = spawn('ffmpeg', videoArguments(spec), { stdio: ['pipe', 'pipe', 'ignore'] });
  const slot = new FrameSlot(spec);
  const cutter = new FrameCutter({ slot, wanted: () => true });
  try {
    for await (const chunk of child.stdout) {
      cutter.push(chunk, 0);
      const frame = slot.take();
      if (!frame) continue;
      yield frame;
      slot.giveBack(frame);
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

async function first(spec: CameraSpec): Promise<CapturedFrame> {
  for await (const frame of frames(spec)) return { ...frame, data: frame.data.slice() };
  throw new Error('ffmpeg gave no frame');
}

const MASKS: CameraSpec['masks'] = [
  [
    [0.1, 0.1],
    [0.4, 0.15],
    [0.3, 0.6],
  ],
  [
    [0.7, 0.5],
    [1, 0.5],
    [1, 1],
    [0.7, 1],
  ],
];
const BANDS = maskBands(MASKS);

/** Whether the middle of a pixel lies in one of the bands, grown by so many pixels. */
function isWithin({ width, height }: Bounds, pixel: number, by = 0): boolean {
  const [x, y] = [(pixel % width) + 0.5, Math.floor(pixel / width) + 0.5];
  const within = ({ left, top, right, bottom }: Band): boolean =>
    x > left * width - by && x < right * width + by && y > top * height - by && y < bottom * height + by;
  return BANDS.some(within);
}

/** The black of video, made RGB: one level off, where rounding will have it so. */
const BLACK = 1;

describe('Masks', needs('ffmpeg'), () => {
  /** Nothing in it is near black by itself. */
  function brightFilm(): string {
    const file = join(dir, 'bright.mkv');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10', '-vf', 'lutyuv=y=max(val\\,90)'];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, '-t', '1', '-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p', '-y', file]);
    return file;
  }

  for (const [what, bounds] of [
    ['as large as the film', { width: 640, height: 640 }],
    ['made smaller', { width: 160, height: 160 }],
  ] as const) {
    it(`are black, and what is well beside them is as it was, in a picture ${what}`, async () => {
      const film = brightFilm();
      const masked = await first(camera(film, { ...bounds, masks: MASKS }));
      const open = await first(camera(film, bounds));
      const plane = masked.width * masked.height;
      const counts = { inside: 0, beside: 0, leaking: 0, changed: 0 };
      for (let index = 0; index < 3 * plane; index++) {
        const value = masked.data[index] as number;
        if (isWithin(masked, index % plane)) {
          counts.inside++;
          if (value > BLACK) counts.leaking++;
        } else if (!isWithin(masked, index % plane, 12)) {
          counts.beside++;
          if (value !== open.data[index]) counts.changed++;
        }
      }
      assert.ok(counts.inside > 0.15 * plane * 3 && counts.beside > 0.3 * plane * 3);
      assert.deepEqual([counts.leaking, counts.changed], [0, 0]);
    });
  }

  it('stay where they are when the film changes its size', async () => {
    const film = filmOfSizes(['320x240', '640x360', '240x320'], { seconds: 1, fps: 10 });
    const seen = new Set<string>();
    for await (const frame of frames(camera(film, { masks: MASKS }))) {
      seen.add(`${frame.width}x${frame.height}`);
      const plane = frame.width * frame.height;
      for (let pixel = 0; pixel < plane; pixel++) {
        if (isWithin(frame, pixel)) assert.ok((frame.data[pixel] as number) <= BLACK, `${[...seen]}`);
      }
      if (seen.size === 3) break;
    }
    rmSync(dirname(film), { recursive: true });
  });
});

describe('Size of frames', needs('ffmpeg'), () => {
  const film = (size: string, filter = 'null'): string => {
    const file = join(dir, `${size}.mkv`);
    const picture = ['-f', 'lavfi', '-i', `color=gray:size=${size}:rate=10`, '-vf', filter];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, '-t', '1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-y', file]);
    return file;
  };

  for (const [size, expected, filter] of [
    ['1280x720', '640x360'],
    ['1920x1080', '640x360'],
    ['640x480', '640x480'],
    ['320x240', '320x240'],
    ['360x640', '360x640'],
    ['720x1280', '360x640'],
    ['1000x562', '640x358'],
    // Half of PAL, as old recorders have it: its pixels are twice as wide as they are high.
    ['352x576', '352x288', 'setsar=2'],
  ] as const) {
    it(`is ${expected} for a film of ${size}${filter ? ` with ${filter}` : ''}`, async () => {
      const { width, height, data } = await first(camera(film(size, filter), {}));
      assert.equal(`${width}x${height}`, expected);
      const grey = data[0] as number;
      assert.ok(grey > 100 && data.every((value) => Math.abs(value - grey) <= 2));
    });
  }

  it('keeps to the bounds that were asked for', async () => {
    const { width, height } = await first(camera(film('640x480'), { width: 320, height: 100 }));
    assert.deepEqual([width, height], [132, 100]);
  });

  it('follows a film that changes its size, without one broken frame', async () => {
    const changing = filmOfSizes(['640x480', '320x240', '1280x720'], { seconds: 1, fps: 10 });
    const sizes: string[] = [];
    for await (const { width, height, data } of frames(camera(changing, {}))) {
      const size = `${width}x${height}`;
      if (sizes.at(-1) !== size) sizes.push(size);
      const grey = data[0] as number;
      assert.ok(grey > 100 && data.every((value) => Math.abs(value - grey) <= 2), 'all of it is grey');
      if (sizes.length === 3) break;
    }
    assert.deepEqual(sizes, ['640x480', '320x240', '640x360']);
    rmSync(dirname(changing), { recursive: true });
  });
});

describe('A frame', needs('ffmpeg'), () => {
  /** Three frames, an hour apart: ffmpeg decodes one, and one ahead of its time, then waits. */
  function hourly(): string {
    const file = join(dir, 'hourly.mkv');
    const picture = ['-f', 'lavfi', '-i', 'color=gray:size=320x240', '-frames:v', '3', '-vf', 'setpts=N*3600/TB', '-vsync', 'passthrough'];
    execFileSync('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'libx264', '-bf', '0', '-pix_fmt', 'yuv420p', '-y', file]);
    return file;
  }

  it('comes out as soon as it is decoded, not with the next', { timeout: 60_000 }, async () => {
    let count = 0;
    for await (const _ of frames(camera(hourly(), {}))) if (++count === 2) break;
  });
});
