import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { decodeFrames } from '../../../../test/helpers/decode.ts';
import { film } from '../../../../test/helpers/media.ts';
import { needs, shared } from '../../../../test/helpers/needs.ts';
import type { Frame } from '../frame.ts';
import { loadManifest, resolveModels } from '../models.ts';
import { openSession } from '../session.ts';
import { type Detection, overlap, sideOf } from './box.ts';
import { FaceDetector } from './detector.ts';
import { CLOSE_EVERY, FaceSearch, LARGE_SIDE } from './search.ts';

const YUNET = 'models/face_detection_yunet_2026may.onnx';
const FPS = 10;

/** A detector that keeps in mind how closely it was made to look. */
class WatchedDetector extends FaceDetector {
  readonly looks: ('close' | 'glance')[] = [];

  override detect(frame: Frame, options: { shrink?: number } = {}): Promise<Detection[]> {
    this.looks.push(options.shrink === 2 ? 'glance' : 'close');
    return super.detect(frame, options);
  }
}

async function detector(): Promise<WatchedDetector> {
  const dirs = [join(import.meta.dirname, '../../../../models'), shared('models')];
  const { 'face-detection': found } = await resolveModels(dirs, await loadManifest());
  if ('problem' in found) throw new Error(found.problem.code);
  return new WatchedDetector(await openSession(found, 1));
}

/** Frames of the portrait, drifting; shown in a part of the picture alone where `share` is below 1. */
async function frames(seconds: number, share = 1): Promise<Frame[]> {
  const video = film({ seconds, fps: FPS });
  const shown = await decodeFrames(video, { width: 640, height: 360, fps: FPS });
  rmSync(dirname(video), { recursive: true });
  return share === 1 ? shown : shown.map((frame) => inCorner(frame, 1 / share));
}

function inCorner({ data, width, height, at }: Frame, factor: number): Frame {
  const small = new Uint8Array(data.length);
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height / factor; y++) {
      const [from, to] = [(plane * height + y * factor) * width, (plane * height + y) * width];
      for (let x = 0; x < width / factor; x++) small[to + x] = data[from + x * factor] as number;
    }
  }
  return { data: small, width, height, at };
}

describe('a search for faces', needs('ffmpeg', YUNET), () => {
  it('takes a glance at a large face, looks closely once a second, and finds it in the same place', async () => {
    const [watched, close] = [await detector(), await detector()];
    const search = new FaceSearch(watched);
    for (const frame of await frames(3)) {
      const [[found], [face]] = [await search.find(frame), await close.detect(frame)];
      assert.ok(found && face && sideOf(face.box) > LARGE_SIDE);
      assert.ok(overlap(found.box, face.box) > 0.75, `${overlap(found.box, face.box)}`);
    }
    const each = ['close', ...Array<string>((CLOSE_EVERY * FPS) / 1000 - 1).fill('glance')];
    assert.deepEqual(watched.looks, [...each, ...each, ...each]);
  });

  it('looks closely at every frame with a small face', async () => {
    const watched = await detector();
    const search = new FaceSearch(watched);
    const shown = await frames(1, 1 / 3);
    for (const frame of shown) assert.equal((await search.find(frame)).length, 1);
    assert.deepEqual(watched.looks, Array<string>(shown.length).fill('close'));
  });

  it('that misses a face at a glance looks closely at the same frame', async () => {
    const watched = await detector();
    const search = new FaceSearch(watched);
    const [first, second] = await frames(1);
    assert.ok(first && second);
    assert.equal((await search.find(first)).length, 1);
    assert.deepEqual(await search.find({ ...second, data: new Uint8Array(second.data.length) }), []);
    assert.deepEqual(watched.looks, ['close', 'glance', 'close']);
  });
});
