import { MAX_LENGTH } from './segmenter.ts';
import { CHUNK } from './vad.ts';

/** Sound of the segment that is open, for a network that reads it whole. Wiped as soon as it was read. */
export class Utterance {
  readonly #samples = new Float32Array(MAX_LENGTH * CHUNK);
  #length = 0;

  /** Takes the next chunk; beyond MAX_LENGTH chunks nothing more is kept. */
  push(chunk: Float32Array): void {
    if (this.#length + chunk.length > this.#samples.length) return;
    this.#samples.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  /** What was pushed since `clear`, without the last `trailing` chunks. A view: gone with `clear`. */
  samples(trailing = 0): Float32Array {
    return this.#samples.subarray(0, Math.max(0, this.#length - trailing * CHUNK));
  }

  clear(): void {
    this.#samples.fill(0, 0, this.#length);
    this.#length = 0;
  }
}
