import type { I420 } from './wrtc.ts';

export interface Size {
  width: number;
  height: number;
}

/** The largest size of the picture's proportions that fits into `bounds`, whether that shrinks or enlarges it. */
export function fitted(picture: Size, bounds: Size): Size {
  const scale = Math.min(bounds.width / picture.width, bounds.height / picture.height);
  return { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) };
}

/**
 * Makes planar G, B, R frames of one size out of decoded pictures of any size, in one pass. A sender that ramps up gives
 * larger pictures from moment to moment: what is read stays the same size as long as its proportions do. Colours are BT.601,
 * studio range, as WebRTC's codecs have them unless they say otherwise (RFC 7742 and the VP8 format, RFC 6386, 9.2).
 */
export class Planar {
  readonly #bounds: Size;
  #from: Size = { width: 0, height: 0 };
  #to: Size = { width: 0, height: 0 };
  /** First column of the picture for each of the frame, and one past the last. */
  #columns = new Int32Array(1);
  #rows = new Int32Array(1);
  #data = new Uint8Array(0);
  /** The same memory: what is written here is kept within a byte. */
  #clamped = new Uint8ClampedArray(0);
  #luma = new Uint8Array(0);

  constructor(bounds: Size) {
    this.#bounds = bounds;
  }

  /** The frame, in memory that the next call uses again. */
  frame(picture: I420): Size & { data: Uint8Array } {
    if (picture.width !== this.#from.width || picture.height !== this.#from.height) this.#plan(picture);
    for (let row = 0; row < this.#to.height; row++) this.#fillRow(picture, row);
    return { ...this.#to, data: this.#data };
  }

  /** Forgets the last picture. */
  wipe(): void {
    this.#data.fill(0);
  }

  #plan({ width, height }: I420): void {
    this.#from = { width, height };
    this.#to = fitted(this.#from, this.#bounds);
    this.#columns = edges(width, this.#to.width);
    this.#rows = edges(height, this.#to.height);
    const bytes = this.#to.width * this.#to.height * 3;
    if (this.#data.length !== bytes) this.#data = new Uint8Array(bytes);
    this.#clamped = new Uint8ClampedArray(this.#data.buffer);
    this.#luma = new Uint8Array(this.#to.width);
  }

  #fillRow({ data, width, height }: I420, row: number): void {
    const { width: columns, height: rows } = this.#to;
    const luma = this.#lumaRow(data, { width, row });
    const chromaWidth = (width + 1) >> 1;
    const u = width * height + ((this.#rows[row] as number) >> 1) * chromaWidth;
    const v = u + chromaWidth * ((height + 1) >> 1);
    const plane = columns * rows;
    const edges = this.#columns;
    const into = this.#clamped;
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      const chroma = (edges[column] as number) >> 1;
      // Fixed point, 1/256: 1.164, 0.391, 0.813, 2.018 and 1.596.
      const y = 298 * ((luma[column] as number) - 16) + 128;
      const blueness = (data[u + chroma] as number) - 128;
      const redness = (data[v + chroma] as number) - 128;
      into[at] = (y - 100 * blueness - 208 * redness) >> 8;
      into[plane + at] = (y + 516 * blueness) >> 8;
      into[2 * plane + at] = (y + 409 * redness) >> 8;
    }
  }

  /** Brightness of a row of the frame: the mean of the pixels that each of its own stands for. */
  #lumaRow(data: Uint8Array, { width, row }: { width: number; row: number }): Uint8Array {
    const top = this.#rows[row] as number;
    const bottom = Math.max(top + 1, this.#rows[row + 1] as number);
    if (width === this.#to.width && bottom - top === 1) return data.subarray(top * width, (top + 1) * width);
    const edges = this.#columns;
    const luma = this.#luma;
    for (let column = 0; column < luma.length; column++) {
      const left = edges[column] as number;
      const right = Math.max(left + 1, edges[column + 1] as number);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += data[y * width + x] as number;
      }
      luma[column] = sum / ((right - left) * (bottom - top)) + 0.5;
    }
    return luma;
  }
}

/** Where each of `count` equal parts of `length` begins, in whole pixels, and where the last ends. */
function edges(length: number, count: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count + 1 }, (_, index) => Math.floor((index * length) / count));
}
