import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RULER } from './ffmpeg.ts';
import { type Bounds, FrameCutter, FrameSlot } from './frames.ts';

const BOUNDS: Bounds = { width: 7, height: 5 };

/** As ffmpeg lays it out: the picture under its rulers in the corner of a black canvas. */
function canvas({ width, height }: Bounds, picture: (place: number) => number): number[] {
  const bytes: number[] = [];
  for (let plane = 0; plane < 3; plane++) {
    for (let y = -RULER; y < BOUNDS.height; y++) {
      for (let x = -RULER; x < BOUNDS.width; x++) {
        const outside = x >= width || y >= height;
        const ruler = x < 0 || y < 0;
        bytes.push(outside ? 0 : ruler ? 255 : picture((plane * height + y) * width + x));
      }
    }
  }
  return bytes;
}

/** Pieces of the given lengths in turn, none longer than a canvas: no two frames end in one. */
function* cutUp(stream: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let from = 0, index = 0; from < stream.length; index++) {
    const length = lengths[index % lengths.length] as number;
    yield stream.subarray(from, from + length);
    from += length;
  }
}

const one = (value: number, size: Bounds = BOUNDS): Uint8Array => Uint8Array.from(canvas(size, () => value));

describe('FrameCutter', () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: BOUNDS.width }), height: fc.integer({ min: 1, max: BOUNDS.height }) });
  const frame = fc.record({ size, white: fc.boolean(), wanted: fc.boolean() });

  it('cuts pictures of any size out of a stream, wherever the pipe cut it', () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 140 }), { minLength: 1 }), (frames, cuts) => {
        // A picture that is white from edge to edge, or black, must not be taken for ruler or canvas.
        const value = (white: boolean) => (place: number) => (white ? 255 : place % 3 === 0 ? 0 : place % 255);
        const stream = Uint8Array.from(frames.flatMap(({ size, white }) => canvas(size, value(white))));
        const slot = new FrameSlot(BOUNDS);
        const asked = [...frames];
        const cutter = new FrameCutter({ slot, wanted: () => asked.shift()?.wanted ?? false });
        const got: unknown[] = [];
        let completed = 0;
        for (const part of cutUp(stream, cuts)) {
          completed += cutter.push(part, 0);
          const taken = slot.take();
          if (!taken) continue;
          got.push({ width: taken.width, height: taken.height, data: [...taken.data] });
          slot.giveBack(taken);
        }
        const expected = frames
          .filter(({ wanted }) => wanted)
          .map(({ size, white }) => ({
            ...size,
            data: Array.from({ length: size.width * size.height * 3 }, (_, place) => value(white)(place)),
          }));
        assert.equal(completed, frames.length);
        assert.deepEqual(got, expected);
      }),
    );
  });
});

describe('FrameSlot', () => {
  function setUp() {
    const slot = new FrameSlot(BOUNDS);
    const cutter = new FrameCutter({ slot, wanted: () => true });
    return { slot, put: (value: number, at = 0) => cutter.push(one(value), at) };
  }

  it('keeps the newest and counts what it replaced', () => {
    const { slot, put } = setUp();
    for (const value of [1, 2, 3]) assert.equal(put(value, value * 100), 1);
    assert.equal(slot.dropped, 2);
    const taken = slot.take();
    assert.deepEqual([taken?.at, taken?.data.every((byte) => byte === 3)], [300, true]);
    assert.equal(slot.take(), null);
  });

  it('leaves a frame alone while it is read', () => {
    const { slot, put } = setUp();
    put(7);
    const reading = slot.take();
    for (const value of [8, 9, 10, 11]) put(value);
    assert.ok(reading);
    assert.ok(reading.data.every((byte) => byte === 7));
    slot.giveBack(reading);
    assert.ok(slot.take()?.data.every((byte) => byte === 11));
  });
});
