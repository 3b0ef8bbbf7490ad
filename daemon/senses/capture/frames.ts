/**
 * Cuts a byte stream into frames, in three buffers that are used in turn: one fills, one holds the newest whole frame, one
 * is being read. A frame that nobody took before the next was whole is dropped, and counted.
 */
export class FrameSlot {
  readonly #bytes: number;
  #filling: Uint8Array;
  #filled = 0;
  #newest: { data: Uint8Array; at: number } | null = null;
  readonly #spare: Uint8Array[];
  #dropped = 0;

  /** @param bytes of one frame */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#filling = new Uint8Array(bytes);
    this.#spare = [new Uint8Array(bytes), new Uint8Array(bytes)];
  }

  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Takes in what came out of the pipe at `at` (mono ms).
   * @returns how many frames it completed
   */
  push(chunk: Uint8Array, at: number): number {
    let completed = 0;
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + this.#bytes - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#bytes) {
        this.#complete(at);
        completed++;
      }
    }
    return completed;
  }

  /** The newest whole frame, now the caller's until `giveBack`; null where there is none. One at a time. */
  take(): { data: Uint8Array; at: number } | null {
    const newest = this.#newest;
    this.#newest = null;
    return newest;
  }

  giveBack(data: Uint8Array): void {
    this.#spare.push(data);
  }

  /** Forgets frames not yet taken: the next byte is the first of a frame. */
  restart(): void {
    this.#filled = 0;
    if (this.#newest) this.#spare.push(this.#newest.data);
    this.#newest = null;
  }

  #complete(at: number): void {
    const free = this.#newest ? this.#newest.data : this.#spare.pop();
    if (!free) throw new RangeError('a frame was taken before the last one was given back');
    if (this.#newest) this.#dropped++;
    this.#newest = { data: this.#filling, at };
    this.#filling = free;
    this.#filled = 0;
  }
}
