import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SampleCutter } from './samples.ts';

describe('SampleCutter', () => {
  it('gives back the samples, wherever the pipe cut them', () => {
    fc.assert(
      fc.property(fc.int16Array(), fc.array(fc.integer({ min: 0, max: 7 })), (samples, cuts) => {
        const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
        const cutter = new SampleCutter();
        const heard: number[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          heard.push(...cutter.cut(bytes.subarray(from, from + cut)));
          from += cut;
        }
        assert.deepEqual(heard, [...samples]);
      }),
    );
  });
});
