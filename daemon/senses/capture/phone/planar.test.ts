import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { needs, shared } from '../../../../test/helpers/needs.ts';
import { fitted, Planar } from './planar.ts';
import type { I420 } from './wrtc.ts';

/** One colour all over. */
function plain({ width, height }: { width: number; height: number }, [y, u, v]: [number, number, number]): I420 {
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return { width, height, data: Uint8Array.of(...Array(width * height).fill(y), ...Array(chroma).fill(u), ...Array(chroma).fill(v)) };
}

describe('Planar', () => {
  it('gives the colours of studio-range BT.601', () => {
    const planar = new Planar({ width: 4, height: 4 });
    const colour = (yuv: [number, number, number]) => {
      const { data } = planar.frame(plain({ width: 4, height: 4 }, yuv));
      return [data[0], data[16], data[32]];
    };
    assert.deepEqual(colour([16, 128, 128]), [0, 0, 0]);
    assert.deepEqual(colour([235, 128, 128]), [255, 255, 255]);
    // Pure green, blue and red as ITU-R BT.601 has them.
    assert.deepEqual(
      colour([145, 54, 34]).map((value = 0) => Math.round(value / 16)),
      [16, 0, 0],
    );
    assert.deepEqual(
      colour([41, 240, 110]).map((value = 0) => Math.round(value / 16)),
      [0, 16, 0],
    );
    assert.deepEqual(
      colour([81, 90, 240]).map((value = 0) => Math.round(value / 16)),
      [0, 0, 16],
    );
  });

  it('gives frames of one size, whatever size of the same proportions comes, and of another for other proportions', () => {
    const planar = new Planar({ width: 64, height: 48 });
    const sizes = [
      [32, 24],
      [64, 48],
      [128, 96],
      [48, 64],
    ] as const;
    const frames = sizes.map(([width, height]) => planar.frame(plain({ width, height }, [126, 128, 128])));
    assert.deepEqual(
      frames.map(({ width, height, data }) => [width, height, data.length]),
      [
        [64, 48, 9216],
        [64, 48, 9216],
        [64, 48, 9216],
        [36, 48, 5184],
      ],
    );
  });

  it('takes any size, odd ones too, and neither reads nor writes beyond it', () => {
    const side = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, most, mostHigh) => {
        const bounds = { width: most, height: mostHigh };
        const frame = new Planar(bounds).frame(plain({ width, height }, [126, 128, 128]));
        assert.ok(frame.width <= most && frame.height <= mostHigh);
        assert.ok(frame.width === most || frame.height === mostHigh);
        assert.equal(frame.data.length, 3 * frame.width * frame.height);
        // Undefined would have become 0.
        assert.ok(frame.data.every((value) => value === 128));
      }),
    );
  });

  it('is as close to what ffmpeg makes of a picture as rounding leaves it', needs('ffmpeg', 'media/astronaut.png'), () => {
    const size = { width: 320, height: 320 };
    const raw = (format: string) => {
      const filter = `scale=320:320,format=yuv420p,format=${format}`;
      const args = [
        '-v',
        'error',
        '-i',
        shared('media/astronaut.png'),
        '-vf',
        filter,
        '-sws_flags',
        'neighbor',
        '-f',
        'rawvideo',
        'pipe:1',
      ];
      return new Uint8Array(spawnSync('ffmpeg', args, { maxBuffer: 2 ** 24 }).stdout);
    };
    const ours = new Planar(size).frame({ ...size, data: raw('yuv420p') }).data;
    const theirs = raw('gbrp');
    assert.equal(ours.length, theirs.length);
    const mean = ours.reduce((sum, value, index) => sum + Math.abs(value - (theirs[index] as number)), 0) / ours.length;
    assert.ok(mean < 1.5, `mean difference ${mean}`);
  });
});

it('what fits is never larger than its bounds, and keeps its proportions', () => {
  const side = fc.integer({ min: 16, max: 4000 });
  fc.assert(
    fc.property(side, side, (width, height) => {
      const size = fitted({ width, height }, { width: 640, height: 480 });
      assert.ok(size.width <= 640 && size.height <= 480);
      if (size.width > 30 && size.height > 30) assert.ok(Math.abs(size.width / size.height / (width / height) - 1) < 0.05);
    }),
  );
});
