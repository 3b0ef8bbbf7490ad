import type { Frame } from '../frame.ts';
import { CELL, CELL_ROW_STEP, Pixels } from '../pixels/pixels.ts';

/**
 * A cell has changed that differs by so many times the median difference. Of H.264 streams with sensor noise, in lit and in dark
 * rooms, hardly one cell in 3600 does.
 */
const ABOVE_NOISE = 7;
/** Grey levels that it must differ by at least, and at most: past that the median is no measure of noise. */
const LEAST = 4;
const MOST = 40;
/** Share of the cells that must have changed, and their least number: a face of 40 px that turns is enough in 640x360. */
const SHARE = 1 / 450;
const LEAST_CELLS = 4;
/** Time constant with which the reference follows a still room, ms: daylight comes and goes more slowly. */
const FOLLOW = 10_000;
/** Bins to a grey level in the histogram of differences. */
const BINS = 4;

/**
 * Tells whether anything moved, so that nothing is inferred in a still room. It compares the brightness of cells with what it
 * was, apart from what all have in common (a cloud, the camera's exposure) and above the noise, which it measures in each
 * frame. Holds one number for every cell, since a mean over a cell has far less noise than a pixel, and follows slowly while
 * the room is still.
 */
export class MotionGate {
  readonly #pixels: Pixels;
  #columns = 0;
  #rows = 0;
  #reference = new Float32Array(0);
  #cells = new Float32Array(0);
  /** Of every cell, 1 / the pixels of it that are looked at. */
  #shares = new Float32Array(0);
  /** How far each cell is from its reference. */
  #away = new Float32Array(0);
  #at = 0;
  /** Median difference of the still frames of late: an encoder short of bits repeats the noise of a frame, then changes it here and there. */
  #noise = 0;
  readonly #histogram = new Uint32Array(2 * 256 * BINS + 1);

  constructor(pixels = new Pixels()) {
    this.#pixels = pixels;
  }

  /** True where something differs from the last frame for which it was true; for the first frame, and one of another size. */
  moved(frame: Frame): boolean {
    const fits = this.#fit(frame);
    this.#measure(frame);
    const share = 1 - Math.exp((this.#at - frame.at) / FOLLOW);
    this.#noise *= 1 - share;
    this.#at = frame.at;
    const moved = !fits || this.#changed();
    this.#remember(moved ? 1 : share);
    return moved;
  }

  #fit({ width, height }: Frame): boolean {
    const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
    if (columns === this.#columns && rows === this.#rows) return true;
    this.#columns = columns;
    this.#rows = rows;
    this.#reference = new Float32Array(columns * rows);
    this.#cells = new Float32Array(columns * rows);
    this.#away = new Float32Array(columns * rows);
    this.#shares = Float32Array.from({ length: columns * rows }, (_, cell) => {
      const [left, top] = [(cell % columns) * CELL, Math.floor(cell / columns) * CELL];
      return 1 / (Math.ceil(Math.min(CELL, height - top) / CELL_ROW_STEP) * Math.min(CELL, width - left));
    });
    return false;
  }

  /** Mean green of every cell. */
  #measure(frame: Frame): void {
    const [sums, cells, shares] = [this.#pixels.cellSums(frame, 0), this.#cells, this.#shares];
    for (let cell = 0; cell < cells.length; cell++) cells[cell] = (sums[cell] as number) * (shares[cell] as number);
  }

  #changed(): boolean {
    const [cells, reference, away] = [this.#cells, this.#reference, this.#away];
    for (let cell = 0; cell < away.length; cell++) away[cell] = (cells[cell] as number) - (reference[cell] as number);
    const common = median(away, this.#histogram);
    for (let cell = 0; cell < away.length; cell++) away[cell] = Math.abs((away[cell] as number) - common);
    const noise = median(away, this.#histogram);
    const least = Math.min(MOST, Math.max(LEAST, ABOVE_NOISE * Math.max(noise, this.#noise)));
    let count = 0;
    for (let cell = 0; cell < away.length; cell++) if ((away[cell] as number) > least) count++;
    const changed = count > Math.max(LEAST_CELLS, SHARE * away.length);
    if (!changed) this.#noise = Math.max(noise, this.#noise);
    return changed;
  }

  /** @param share of the new in the reference */
  #remember(share: number): void {
    const reference = this.#reference;
    for (let cell = 0; cell < reference.length; cell++) {
      reference[cell] = (reference[cell] as number) * (1 - share) + (this.#cells[cell] as number) * share;
    }
  }
}

/** Median to a fraction of a grey level, of values within -256..256; of what is beyond, as much as if it were there. */
function median(values: Float32Array, histogram: Uint32Array): number {
  const zero = 256 * BINS;
  histogram.fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.max(0, Math.min(2 * zero, Math.round((values[i] as number) * BINS) + zero));
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  let bin = 0;
  for (let left = values.length / 2; bin < histogram.length; bin++) {
    left -= histogram[bin] as number;
    if (left <= 0) break;
  }
  return (bin - zero) / BINS;
}
