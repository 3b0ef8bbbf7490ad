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
  }

  #fillRow({ data, width, height }: I420, row: number): void {
    const columns = this.#columns;
    const into = this.#data;
    const plane = this.#to.width * this.#to.height;
    const top = this.#rows[row] as number;
    const bottom = Math.max(top + 1, this.#rows[row + 1] as number);
    const chromaWidth = (width + 1) >> 1;
    const u = width * height + (top >> 1) * chromaWidth;
    const v = u + chromaWidth * ((height + 1) >> 1);
    let at = row * this.#to.width;
    for (let column = 0; column < this.#to.width; column++, at++) {
      const left = columns[column] as number;
      const right = Math.max(left + 1, columns[column + 1] as number);
      let luma = data[top * width + left] as number;
      if (right - left > 1 || bottom - top > 1) luma = mean(data, { width, left, right, top, bottom });
      const y = 1.164 * (luma - 16);
      const blueness = (data[u + (left >> 1)] as number) - 128;
      const redness = (data[v + (left >> 1)] as number) - 128;
      into[at] = clampByte(y - 0.391 * blueness - 0.813 * redness);
      into[plane + at] = clampByte(y + 2.018 * blueness);
      into[2 * plane + at] = clampByte(y + 1.596 * redness);
    }
  }
}

/** Where each of `count` equal parts of `length` begins, in whole pixels, and where the last ends. */
function edges(length: number, count: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: count + 1 }, (_, index) => Math.floor((index * length) / count));
}

function mean(
  data: Uint8Array,
  { width, left, right, top, bottom }: { width: number; left: number; right: number; top: number; bottom: number },
): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) sum += data[y * width + x] as number;
  }
  return sum / ((right - left) * (bottom - top));
}

const clampByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
