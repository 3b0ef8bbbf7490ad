import type { Frame } from '../frame.ts';
import { type Blocks, Pixels, type Sampling } from '../pixels/pixels.ts';
import type { FaceContract } from './contract.ts';
import type { Placement } from './placement.ts';

/** How much of the frame's planes, in the order G, B, R, is in one channel of a picture. */
type Mix = readonly [green: number, blue: number, red: number];

const GREEN: Mix = [1, 0, 0];
const BLUE: Mix = [0, 1, 0];
const RED: Mix = [0, 0, 1];
const MIXES: Readonly<Record<FaceContract['color'], readonly Mix[]>> = {
  /** BT.601 luma, as the grey pictures of FER2013 were made. */
  grey: [[0.587, 0.114, 0.299]],
  rgb: [RED, GREEN, BLUE],
  bgr: [BLUE, GREEN, RED],
};

/** Cells from one pixel of the picture to the next, up to which interpolation alone does not alias visibly. */
const WIDEST_STEP = 1.25;

export type Look = Pick<FaceContract, 'side' | 'color' | 'mean' | 'std'>;

/** Sides of the blocks that are averaged, px, at most: no face that a camera shows is larger. */
const WIDEST_BLOCK = 256;

/**
 * Cuts faces out of frames as small square pictures, turned as they are placed. Averages whole pixels first where the
 * picture is much smaller than its part of the frame, then interpolates between them: nothing aliases. Beyond the frame its
 * edge repeats.
 */
export class FaceCropper {
  readonly #side: number;
  readonly #mixes: readonly Mix[];
  readonly #mean: readonly number[];
  readonly #std: readonly number[];
  readonly #pixels: Pixels;

  constructor({ side, color, mean, std }: Look, pixels = new Pixels()) {
    this.#pixels = pixels;
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
    const sampling = samplingOf(place, region, this.#side);
    const size = this.#side ** 2;
    for (const [channel, mix] of this.#mixes.entries()) {
      const picture = this.#pixels.picture(frame, region, { mix, sampling });
      const [mean, gain, from] = [this.#mean[channel] as number, 1 / (this.#std[channel] as number), channel * size];
      for (let i = 0; i < size; i++) target[from + i] = ((picture[i] as number) - mean) * gain;
    }
  }
}

/** Where the picture's pixels lie among the blocks of the region. */
function samplingOf(place: Placement, { left, top, factor }: Blocks, side: number): Sampling {
  const [a, b] = [place.a / factor, place.b / factor];
  // Half a pixel: values stand for the middles of their pixels.
  const [x0, y0] = [(place.x - left) / factor - 0.5, (place.y - top) / factor - 0.5];
  const perSide = Math.hypot(a, b) > WIDEST_STEP ? 2 : 1;
  const starts = Array.from({ length: perSide ** 2 }, (_, sub) => {
    const [across, down] = [((sub % perSide) + 0.5) / perSide, (Math.floor(sub / perSide) + 0.5) / perSide];
    return { x: x0 + a * across - b * down, y: y0 + b * across + a * down };
  });
  return { a, b, starts, side };
}

/** What the picture covers, and a cell more on every side for the interpolation. */
function regionOf({ a, b, x, y }: Placement, side: number): Blocks {
  const factor = Math.min(WIDEST_BLOCK, Math.max(1, Math.floor(Math.hypot(a, b))));
  const [across, down] = [a * side, b * side];
  const [left, top] = [Math.min(x, x + across, x - down, x + across - down), Math.min(y, y + across, y + down, y + across + down)];
  const extent = Math.abs(across) + Math.abs(down);
  const cells = Math.ceil(extent / factor) + 4;
  return { left: Math.floor(left) - factor, top: Math.floor(top) - factor, columns: cells, rows: cells, factor };
}
