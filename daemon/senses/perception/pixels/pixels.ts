import { readFileSync } from 'node:fs';
import type { Frame } from '../frame.ts';

/** Side of the cells that `cellSums` adds up, px, and of how many rows of theirs one is looked at. */
export const CELL = 8;
export const CELL_ROW_STEP = 2;

/** What lies in memory begins at multiples of so many bytes. */
const ALIGNED = 16;
const PAGE = 65_536;
/** Where the frame begins: lower addresses stay unused. */
const BASE = 1024;

/** Squares of `factor` x `factor` pixels: `columns` x `rows` of them, the first at `left`, `top`, which may lie outside the frame. */
export interface Blocks {
  left: number;
  top: number;
  columns: number;
  rows: number;
  /** 1..256 */
  factor: number;
}

/** A square picture whose point (u, v) lies at (a u - b v + x, b u + a v + y), in blocks from the middle of the first. */
export interface Sampling {
  a: number;
  b: number;
  /** Where the first point lies. Of several pictures the mean is made. */
  starts: readonly { x: number; y: number }[];
  /** Points along each side. All of them must have a block on each side of them. */
  side: number;
}

/** kernels.assembly.ts; addresses and lengths in bytes where not said otherwise there. */
interface Kernels {
  memory: WebAssembly.Memory;
  halve(from: number, width: number, height: number, to: number): void;
  cellSums(from: number, width: number, height: number, to: number): void;
  addBlocks(...of: [from: number, width: number, height: number, ...blocks: number[], share: number, line: number, to: number]): void;
  addSamples(
    ...of: [from: number, columns: number, x: number, y: number, a: number, b: number, side: number, share: number, to: number]
  ): void;
}

const MODULE = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));

/**
 * Sums and means over the pixels of one frame after another, sixteen pixels at a time. Planes are those of the frame: 0 green, 1 blue,
 * 2 red. A plane is copied in when something of it is first asked: a frame must not change while it is asked about. What is returned
 * holds until the next call.
 */
export class Pixels {
  readonly #kernels = new WebAssembly.Instance(MODULE).exports as unknown as Kernels;
  #frame: Frame | null = null;
  readonly #copied = [false, false, false];

  /** Means of blocks of 2 x 2 pixels, row by row; what is left of an odd row or column is passed over. */
  halves(frame: Frame, plane: number): Float32Array {
    const { width, height } = frame;
    const length = (width >> 1) * (height >> 1);
    const to = this.#room(frame, 4 * length);
    this.#kernels.halve(this.#copyIn(frame, plane), width, height, to);
    return new Float32Array(this.#kernels.memory.buffer, to, length);
  }

  /** Sums over cells of `CELL` x `CELL` pixels, row by row; every second row of pixels is looked at. */
  cellSums(frame: Frame, plane: number): Float32Array {
    const { width, height } = frame;
    const length = Math.ceil(width / CELL) * Math.ceil(height / CELL);
    const to = this.#room(frame, 4 * length);
    this.#kernels.cellSums(this.#copyIn(frame, plane), width, height, to);
    return new Float32Array(this.#kernels.memory.buffer, to, length);
  }

  /**
   * A picture of side x side values, row by row: means of blocks, between which it is interpolated. Beyond the frame its edge repeats.
   * @param mix how much of each plane goes in
   */
  picture(frame: Frame, blocks: Blocks, { mix, sampling }: { mix: readonly number[]; sampling: Sampling }): Float32Array {
    const { left, top, columns, rows, factor } = blocks;
    const { a, b, starts, side } = sampling;
    const [cells, values] = [columns * rows, side * side];
    const line = roundUp(2 * columns * factor, ALIGNED);
    const free = this.#room(frame, 4 * (cells + values) + line);
    const [picture, lines] = [free + 4 * cells, free + 4 * (cells + values)];
    new Float32Array(this.#kernels.memory.buffer, free, cells + values).fill(0);
    for (const [plane, part] of mix.entries()) {
      if (part === 0) continue;
      const place = [this.#copyIn(frame, plane), frame.width, frame.height] as const;
      this.#kernels.addBlocks(...place, left, top, columns, rows, factor, part / factor ** 2, lines, free);
    }
    for (const { x, y } of starts) this.#kernels.addSamples(free, columns, x, y, a, b, side, 1 / starts.length, picture);
    return new Float32Array(this.#kernels.memory.buffer, picture, values);
  }

  /** @returns where so many bytes are free while this frame is asked about */
  #room({ width, height }: Frame, bytes: number): number {
    const free = BASE + 3 * roundUp(width * height, ALIGNED);
    const { memory } = this.#kernels;
    const lacking = free + bytes - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
    return free;
  }

  /** @returns where the plane lies, once there is room for the frame */
  #copyIn(frame: Frame, plane: number): number {
    const { data, width, height } = frame;
    if (this.#frame !== frame) {
      this.#frame = frame;
      this.#copied.fill(false);
    }
    const at = BASE + plane * roundUp(width * height, ALIGNED);
    if (!this.#copied[plane]) {
      const pixels = data.subarray(plane * width * height, (plane + 1) * width * height);
      new Uint8Array(this.#kernels.memory.buffer, at, pixels.length).set(pixels);
      this.#copied[plane] = true;
    }
    return at;
  }
}

const roundUp = (length: number, step: number): number => Math.ceil(length / step) * step;
