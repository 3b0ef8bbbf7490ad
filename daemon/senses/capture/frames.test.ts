import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameSlot } from './frames.ts';

const frame = (bytes: number, value: number) => new Uint8Array(bytes).fill(value);

describe('FrameSlot', () => {
  it('cuts frames out of a stream, wherever the pipe cut it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 20 }), (bytes, cuts) => {
        const slot = new FrameSlot(bytes);
        const stream = Uint8Array.from(
          { length: cuts.reduce((sum, each) => sum + each, 0) },
          (_, index) => Math.floor(index / bytes) % 256,
        );
        let from = 0;
        let whole = 0;
        for (const cut of cuts) {
          whole += slot.push(stream.subarray(from, from + cut), whole);
          from += cut;
          const taken = slot.take();
          if (!taken) continue;
          assert.deepEqual(taken.data, frame(bytes, (whole - 1) % 256));
          slot.giveBack(taken.data);
        }
        assert.equal(whole, Math.floor(stream.length / bytes));
      }),
    );
  });

  it('keeps the newest and counts what it replaced', () => {
    const slot = new FrameSlot(4);
    for (const value of [1, 2, 3]) assert.equal(slot.push(frame(4, value), value * 100), 1);
    assert.equal(slot.dropped, 2);
    assert.deepEqual(slot.take(), { data: frame(4, 3), at: 300 });
    assert.equal(slot.take(), null);
  });

  it('leaves a frame alone while it is read', () => {
    const slot = new FrameSlot(2);
    slot.push(frame(2, 7), 0);
    const reading = slot.take();
    for (const value of [8, 9, 10, 11]) slot.push(frame(2, value), 0);
    assert.deepEqual(reading?.data, frame(2, 7));
    assert.ok(reading);
    slot.giveBack(reading.data);
    assert.deepEqual(slot.take()?.data, frame(2, 11));
  });

  it('begins anew after a restart', () => {
    const slot = new FrameSlot(4);
    slot.push(Uint8Array.from([1, 1, 1, 1, 1, 1]), 0);
    slot.restart();
    assert.equal(slot.take(), null);
    slot.push(frame(4, 2), 0);
    assert.deepEqual(slot.take()?.data, frame(4, 2));
  });
});
