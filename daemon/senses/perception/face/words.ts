/**
 * Four pixels at a time: sums of bytes within words of 32 bits (Lamport 1975, "Multiple Byte Processing with Full-Word
 * Instructions"). Words are as the machine has them; all that Roomtone runs on put the first byte lowest.
 */

/** A plane as words of four pixels, where its rows fall on words; null where they do not. */
export function wordsOf(plane: Uint8Array, width: number): Int32Array | null {
  if (width % 4 !== 0 || plane.byteOffset % 4 !== 0) return null;
  return new Int32Array(plane.buffer, plane.byteOffset, plane.length / 4);
}

/** Of the four bytes of a word the sum of the first two in the lower 16 bits, that of the last two in the upper. Up to 128 of them may be added. */
export const pairSums = (word: number): number => (word & 0xff00ff) + ((word >>> 8) & 0xff00ff);
