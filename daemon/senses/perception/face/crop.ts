import type { Frame } from '../frame.ts';
import type { FaceContract } from './contract.ts';
import type { Placement } from './placement.ts';

/** What a picture is made of: for each of its channels, how much of the frame's planes (green, blue, red) is in it. */
type Mix = readonly (readonly [plane: number, share: number])[];

const [GREEN, BLUE, RED]: [Mix, Mix, Mix] = [[[0, 1]], [[1, 1]], [[2, 1]]];
const MIXES: Readonly<Record<FaceContract['color'], readonly Mix[]>> = {
  /** BT.601 luma, as the grey pictures of FER2013 were made. */
  grey: [
    [
      [0, 0.587],
      [1, 0.114],
      [2, 0.299],
    ],
  ],
  rgb: [RED, GREEN, BLUE],
  bgr: [BLUE, GREEN, RED],
};

export type Look = Pick<FaceContract, 'side' | 'color' | 'mean' | 'std'>;

/** The part of the frame that is sampled, `factor` x `factor` pixels averaged into each cell. */
interface Region {
  left: number;
  top: number;
  columns: number;
  rows: number;
  factor: number;
}

/**
 * Cuts faces out of frames as small square pictures, turned as they are placed. Averages whole pixels first where the
 * picture is much smaller than its part of the frame, then interpolates between them: nothing aliases. Beyond the frame its
 * edge repeats. Keeps its buffer between calls.
 */
export class FaceCropper {
  readonly #side: number;
  readonly #mixes: readonly Mix[];
  readonly #mean: readonly number[];
  readonly #std: readonly number[];
  #cells = new Float32Array(0);

  constructor({ side, color, mean, std }: Look) {
    this.#side = side;
    this.#mixes = MIXES[color];
    this.#mean = this.#mixes.map((_, channel) => (typeof mean === 'number' ? mean : mean[channel]) as number);
    this.#std = this.#mixes.map((_, channel) => (typeof std === 'number' ? std : std[channel]) as number);
  }

  get channels(): number {
    return this.#mixes.length;
  }

  /** Values of one picture: channels x side x side. */
  get length(): number {
    return this.channels * this.#side ** 2;
  }

  /** Writes the picture to `target`, channel after channel, row by row. */
  crop(frame: Frame, place: Placement, target: Float32Array): void {
    const region = regionOf(place, this.#side);
    const cells = region.columns * region.rows;
    if (this.#cells.length < cells) this.#cells = new Float32Array(cells);
    const size = this.#side ** 2;
    for (const [channel, mix] of this.#mixes.entries()) {
      gather(frame, region, { mix, into: this.#cells });
      const gain = 1 / (this.#std[channel] as number);
      const picture = target.subarray(channel * size, (channel + 1) * size);
      this.#sample(place, region, { gain, shift: -(this.#mean[channel] as number) * gain, into: picture });
    }
  }

  #sample(place: Placement, region: Region, { gain, shift, into }: { gain: number; shift: number; into: Float32Array }): void {
    const { columns, factor } = region;
    const cells = this.#cells;
    const [a, b] = [place.a / factor, place.b / factor];
    // Half a pixel: values stand for the middles of their pixels.
    const x0 = (place.x - region.left) / factor - 0.5;
    const y0 = (place.y - region.top) / factor - 0.5;
    const perSide = Math.hypot(a, b) > 1 ? 2 : 1;
    const share = gain / perSide ** 2;
    const side = this.#side;
    for (let v = 0; v < side; v++) {
      for (let u = 0; u < side; u++) {
        let sum = 0;
        for (let sub = 0; sub < perSide * perSide; sub++) {
          const across = u + ((sub % perSide) + 0.5) / perSide;
          const down = v + ((sub < perSide ? 0 : 1) + 0.5) / perSide;
          const x = x0 + a * across - b * down;
          const y = y0 + b * across + a * down;
          const column = Math.floor(x);
          const row = Math.floor(y);
          const [fx, fy] = [x - column, y - row];
          const at = row * columns + column;
          const upper = (cells[at] as number) * (1 - fx) + (cells[at + 1] as number) * fx;
          const lower = (cells[at + columns] as number) * (1 - fx) + (cells[at + columns + 1] as number) * fx;
          sum += upper * (1 - fy) + lower * fy;
        }
        into[v * side + u] = sum * share + shift;
      }
    }
  }
}

/** What the picture covers, and a cell more on every side for the interpolation. */
function regionOf({ a, b, x, y }: Placement, side: number): Region {
  const factor = Math.max(1, Math.floor(Math.hypot(a, b)));
  const [across, down] = [a * side, b * side];
  const [left, top] = [Math.min(x, x + across, x - down, x + across - down), Math.min(y, y + across, y + down, y + across + down)];
  const extent = Math.abs(across) + Math.abs(down);
  const cells = Math.ceil(extent / factor) + 4;
  return { left: Math.floor(left) - factor, top: Math.floor(top) - factor, columns: cells, rows: cells, factor };
}

/** Means of factor x factor pixels of the mixed planes. */
function gather(frame: Frame, { left, top, columns, rows, factor }: Region, { mix, into }: { mix: Mix; into: Float32Array }): void {
  const plane = frame.width * frame.height;
  into.fill(0, 0, columns * rows);
  for (const [number, share] of mix) {
    const weight = share / factor ** 2;
    for (let y = 0; y < rows * factor; y++) {
      const from = number * plane + clamp(top + y, frame.height - 1) * frame.width;
      const to = Math.floor(y / factor) * columns;
      let x = left;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < factor; i++) sum += frame.data[from + clamp(x++, frame.width - 1)] as number;
        into[to + column] = (into[to + column] as number) + sum * weight;
      }
    }
  }
}

const clamp = (value: number, highest: number): number => (value < 0 ? 0 : value > highest ? highest : value);
