import { RULER } from './ffmpeg.ts';

/** A picture on its way to being read. */
export interface CapturedFrame {
  /** Planar G, B, R: width * height bytes each. */
  data: Uint8Array;
  width: number;
  height: number;
  /** mono ms */
  at: number;
}

export interface Bounds {
  width: number;
  height: number;
}

/** Holds the newest frame until it is taken; one that was not taken in time is dropped, and counted. Buffers are used in turn. */
export class FrameSlot {
  readonly bounds: Bounds;
  #newest: CapturedFrame | null = null;
  readonly #spare: Uint8Array[] = [];
  #dropped = 0;

  /** @param bounds no frame is larger */
  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Memory for the largest frame. */
  buffer(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(this.bounds.width * this.bounds.height * 3);
  }

  put(frame: CapturedFrame): void {
    if (this.#newest) {
      this.#dropped++;
      this.giveBack(this.#newest);
    }
    this.#newest = frame;
  }

  /** The newest frame, now the caller's until `giveBack`; null where there is none. */
  take(): CapturedFrame | null {
    const newest = this.#newest;
    this.#newest = null;
    return newest;
  }

  giveBack({ data }: CapturedFrame): void {
    this.#spare.push(new Uint8Array(data.buffer));
  }
}

export interface FrameCutterOptions {
  slot: FrameSlot;
  /** Asked as a frame begins: one that is not wanted is passed over without being copied. `at`: mono ms. */
  wanted(at: number): boolean;
}

const WHITE = 255;

/**
 * Cuts what one ffmpeg writes into frames. Each is a canvas of constant size, `RULER` larger than the bounds, as planes G, B, R;
 * in its corner lies the picture, whose size the white rulers along the canvas' upper and left edge tell.
 */
export class FrameCutter {
  readonly #options: FrameCutterOptions;
  readonly #stride: number;
  readonly #rows: number;
  /** Index of the next byte in the canvas. */
  #next = 0;
  /** Where the picture that is coming in is put; null while one is passed over. */
  #data: Uint8Array | null = null;
  #width = 0;
  /** Rows so far, while the first plane comes in. */
  #height = 0;

  constructor(options: FrameCutterOptions) {
    const { width, height } = options.slot.bounds;
    this.#options = options;
    this.#stride = width + RULER;
    this.#rows = height + RULER;
  }

  /**
   * Takes in what came out of the pipe at `at` (mono ms).
   * @returns how many frames it completed, those passed over among them
   */
  push(chunk: Uint8Array, at: number): number {
    let completed = 0;
    for (let from = 0; from < chunk.length; ) {
      if (this.#next === 0) this.#begin(at);
      const length = Math.min(this.#stretch(), chunk.length - from);
      this.#take(chunk, from, from + length);
      this.#next += length;
      from += length;
      if (this.#next === this.#size) {
        this.#complete(at);
        completed++;
      }
    }
    return completed;
  }

  get #size(): number {
    return 3 * this.#rows * this.#stride;
  }

  #begin(at: number): void {
    this.#data = this.#options.wanted(at) ? this.#options.slot.buffer() : null;
    this.#width = -RULER;
    this.#height = 0;
  }

  /** Bytes from here on that are treated alike: to the end of the row, of the black below the picture, or of the canvas. */
  #stretch(): number {
    if (!this.#data) return this.#size - this.#next;
    const rowInPlane = Math.floor(this.#next / this.#stride) % this.#rows;
    if (this.#inFirstPlane || rowInPlane < this.#height + RULER) return this.#stride - (this.#next % this.#stride);
    return (this.#rows - rowInPlane) * this.#stride - (this.#next % this.#stride);
  }

  get #inFirstPlane(): boolean {
    return this.#next < this.#rows * this.#stride;
  }

  #take(chunk: Uint8Array, from: number, to: number): void {
    if (!this.#data) return;
    const row = Math.floor(this.#next / this.#stride);
    const column = this.#next % this.#stride;
    if (row === 0) {
      for (let i = from; i < to; i++) if (chunk[i] === WHITE) this.#width++;
      return;
    }
    if (this.#inFirstPlane && column === 0 && chunk[from] === WHITE) this.#height++;
    this.#copy(chunk.subarray(from + (column === 0 ? RULER : 0), to), { row, column: Math.max(0, column - RULER) });
  }

  /** @param at place in the picture and its ruler: rows counted on through all planes, columns without the ruler */
  #copy(part: Uint8Array, { row, column }: { row: number; column: number }): void {
    const plane = Math.floor(row / this.#rows);
    const rowOfPicture = (row % this.#rows) - RULER;
    if (rowOfPicture < 0 || rowOfPicture >= this.#height || column >= this.#width) return;
    const visible = part.length <= this.#width - column ? part : part.subarray(0, this.#width - column);
    this.#data?.set(visible, (plane * this.#height + rowOfPicture) * this.#width + column);
  }

  #complete(at: number): void {
    const [data, width, height] = [this.#data, this.#width, this.#height];
    this.#next = 0;
    this.#data = null;
    if (data) this.#options.slot.put({ data: data.subarray(0, 3 * width * height), width, height, at });
  }
}
