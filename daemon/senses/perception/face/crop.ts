import type { Frame } from '../frame.ts';
import { type Box, sideOf } from './box.ts';

/** Side of the picture the emotion network reads, px. */
export const CROP_SIDE = 48;

/** BT.601 luma, as the grey pictures of the training set were made. */
const LUMA = { red: 0.299, green: 0.587, blue: 0.114 };

/**
 * Side of the square that is cut out, in units of the face's own side (geometric mean of the detector's box). The pictures
 * of FER+ show this much: measured by detecting faces in them (see models/own_fer_48.md).
 */
export const MARGIN = 1.1;

/** Pixels of one axis that make up each output pixel: `CROP_SIDE` runs of `taps` weights, from index `first`. */
interface Axis {
  taps: number;
  first: Int32Array;
  weights: Float32Array;
}

/**
 * Cuts faces out of frames as small grey squares. Resamples with a triangle filter as wide as one output pixel, at least
 * one input pixel: averages when it shrinks (no aliasing), interpolates when it enlarges. Beyond the frame its edge repeats.
 * Keeps its buffers between calls.
 */
export class FaceCropper {
  readonly #margin: number;
  #luma = new Float32Array(0);
  #rows = new Float32Array(0);

  constructor(margin: number = MARGIN) {
    this.#margin = margin;
  }

  /** Writes CROP_SIDE * CROP_SIDE grey values, 0..255, row by row, to `target`. */
  crop(frame: Frame, face: Box, target: Float32Array): void {
    const side = sideOf(face) * this.#margin;
    const columns = axis(face.left + face.width / 2 - side / 2, side);
    const rows = axis(face.top + face.height / 2 - side / 2, side);
    const top = rows.first[0] as number;
    const height = (rows.first[CROP_SIDE - 1] as number) + rows.taps - top;
    this.#narrow(frame, columns, { top, height });
    for (let y = 0; y < CROP_SIDE; y++) this.#sumRows(rows, y, { top, target });
  }

  /** Resamples every row of the region across: `height` rows of CROP_SIDE values. */
  #narrow(frame: Frame, columns: Axis, region: { top: number; height: number }): void {
    const left = columns.first[0] as number;
    const width = (columns.first[CROP_SIDE - 1] as number) + columns.taps - left;
    if (this.#luma.length < width) this.#luma = new Float32Array(width);
    if (this.#rows.length < region.height * CROP_SIDE) this.#rows = new Float32Array(region.height * CROP_SIDE);
    for (let y = 0; y < region.height; y++) {
      lumaRow(frame, { left, width, row: region.top + y }, this.#luma);
      weighRow(this.#luma, columns, this.#rows.subarray(y * CROP_SIDE, (y + 1) * CROP_SIDE));
    }
  }

  /** Resamples down: the weighted sum of the rows that make up row `y`. */
  #sumRows(rows: Axis, y: number, into: { top: number; target: Float32Array }): void {
    const { taps } = rows;
    const narrowed = this.#rows;
    const start = ((rows.first[y] as number) - into.top) * CROP_SIDE;
    for (let x = 0; x < CROP_SIDE; x++) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++)
        sum += (narrowed[start + tap * CROP_SIDE + x] as number) * (rows.weights[y * taps + tap] as number);
      into.target[y * CROP_SIDE + x] = sum;
    }
  }
}

function weighRow(luma: Float32Array, { taps, first, weights }: Axis, into: Float32Array): void {
  const left = first[0] as number;
  for (let x = 0; x < CROP_SIDE; x++) {
    const start = (first[x] as number) - left;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += (luma[start + tap] as number) * (weights[x * taps + tap] as number);
    into[x] = sum;
  }
}

function axis(start: number, length: number): Axis {
  const scale = length / CROP_SIDE;
  const radius = Math.max(1, scale);
  const taps = Math.ceil(2 * radius) + 1;
  const first = new Int32Array(CROP_SIDE);
  const weights = new Float32Array(CROP_SIDE * taps);
  for (let i = 0; i < CROP_SIDE; i++) {
    const centre = start + (i + 0.5) * scale - 0.5;
    const from = Math.ceil(centre - radius);
    first[i] = from;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const weight = Math.max(0, 1 - Math.abs(from + tap - centre) / radius);
      weights[i * taps + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) weights[i * taps + tap] = (weights[i * taps + tap] as number) / sum;
  }
  return { taps, first, weights };
}

/** Luma of `width` pixels of a row from `left`; what lies outside the frame takes the value of the edge. */
function lumaRow(frame: Frame, where: { left: number; width: number; row: number }, into: Float32Array): void {
  const { data, width } = frame;
  const plane = width * frame.height;
  const start = clamp(where.row, frame.height - 1) * width;
  for (let i = 0; i < where.width; i++) {
    const at = start + clamp(where.left + i, width - 1);
    into[i] = LUMA.green * (data[at] as number) + LUMA.blue * (data[plane + at] as number) + LUMA.red * (data[2 * plane + at] as number);
  }
}

const clamp = (value: number, highest: number): number => Math.max(0, Math.min(highest, value));
