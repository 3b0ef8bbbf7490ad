import type { Frame } from '../frame.ts';
import type { FaceContract } from './contract.ts';
import type { Point } from './landmarks.ts';
import type { Placement } from './placement.ts';

/** How much of the frame's planes is in one channel of a picture. */
interface Mix {
  green: number;
  blue: number;
  red: number;
}

const GREEN: Mix = { green: 1, blue: 0, red: 0 };
const BLUE: Mix = { green: 0, blue: 1, red: 0 };
const RED: Mix = { green: 0, blue: 0, red: 1 };
const MIXES: Readonly<Record<FaceContract['color'], readonly Mix[]>> = {
  /** BT.601 luma, as the grey pictures of FER2013 were made. */
  grey: [{ green: 0.587, blue: 0.114, red: 0.299 }],
  rgb: [RED, GREEN, BLUE],
  bgr: [BLUE, GREEN, RED],
};

/** Cells from one pixel of the picture to the next, up to which interpolation alone does not alias visibly. */
const WIDEST_STEP = 1.25;

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
    const { factor, columns } = region;
    const [a, b] = [place.a / factor, place.b / factor];
    // Half a pixel: values stand for the middles of their pixels.
    const [x0, y0] = [(place.x - region.left) / factor - 0.5, (place.y - region.top) / factor - 0.5];
    const perSide = Math.hypot(a, b) > WIDEST_STEP ? 2 : 1;
    const side = this.#side;
    const share = gain / perSide ** 2;
    into.fill(shift);
    for (let sub = 0; sub < perSide ** 2; sub++) {
      const across = ((sub % perSide) + 0.5) / perSide;
      const down = (Math.floor(sub / perSide) + 0.5) / perSide;
      for (let v = 0; v < side; v++) {
        let x = x0 + a * across - b * (v + down);
        let y = y0 + b * across + a * (v + down);
        for (let i = v * side; i < (v + 1) * side; i++, x += a, y += b) {
          into[i] = (into[i] as number) + share * interpolate(this.#cells, columns, { x, y });
        }
      }
    }
  }
}

/** Bilinear. */
function interpolate(cells: Float32Array, columns: number, { x, y }: Point): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - column, y - row];
  const at = row * columns + column;
  const upper = (cells[at] as number) * (1 - fx) + (cells[at + 1] as number) * fx;
  const lower = (cells[at + columns] as number) * (1 - fx) + (cells[at + columns + 1] as number) * fx;
  return upper * (1 - fy) + lower * fy;
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
  const across = inside(left, columns * factor, frame.width);
  const down = inside(top, rows * factor, frame.height);
  const { data, width } = frame;
  const [blues, reds] = [width * frame.height, 2 * width * frame.height];
  const [green, blue, red] = [mix.green / factor ** 2, mix.blue / factor ** 2, mix.red / factor ** 2];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let g = 0;
      let b = 0;
      let r = 0;
      for (let y = row * factor; y < (row + 1) * factor; y++) {
        const from = (down[y] as number) * width;
        for (let x = column * factor; x < (column + 1) * factor; x++) {
          const at = from + (across[x] as number);
          g += data[at] as number;
          b += data[at + blues] as number;
          r += data[at + reds] as number;
        }
      }
      into[row * columns + column] = green * g + blue * b + red * r;
    }
  }
}

/** Places along one side of the frame; those beyond it are at its edge. */
function inside(first: number, count: number, length: number): Int32Array {
  const places = new Int32Array(count);
  for (let i = 0; i < count; i++) places[i] = Math.max(0, Math.min(length - 1, first + i));
  return places;
}
