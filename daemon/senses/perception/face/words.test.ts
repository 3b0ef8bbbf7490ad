import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pairSums, wordsOf } from './words.ts';

const byte = fc.integer({ min: 0, max: 255 });

describe('words of four pixels', () => {
  it('have the sums of their pairs side by side, also of many words added', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(byte, byte, byte, byte), { minLength: 1, maxLength: 64 }), (pixels) => {
        const words = wordsOf(Uint8Array.from(pixels.flat()), 4);
        assert.ok(words);
        const total = words.reduce((sum, word) => sum + pairSums(word), 0);
        assert.equal(
          total & 0xffff,
          pixels.reduce((sum, [a, b]) => sum + a + b, 0),
        );
        assert.equal(
          total >>> 16,
          pixels.reduce((sum, [, , c, d]) => sum + c + d, 0),
        );
      }),
    );
  });

  it('are no view of rows that do not fall on words', () => {
    const bytes = new Uint8Array(64);
    assert.equal(wordsOf(bytes.subarray(0, 32), 8)?.length, 8);
    assert.equal(wordsOf(bytes.subarray(2, 34), 8), null);
    assert.equal(wordsOf(bytes.subarray(0, 30), 6), null);
  });
});
