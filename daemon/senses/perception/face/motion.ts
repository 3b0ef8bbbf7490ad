import type { Frame } from '../frame.ts';

/** Side of the cells whose brightness is compared, px. A mean over a cell has far less noise than a pixel. */
const CELL = 8;
/** Every so many rows of a cell, one is looked at. */
const ROW_STEP = 2;
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
 * frame. Holds one number for every cell, and follows slowly while the room is still.
 */
export class MotionGate {
  #columns = 0;
  #rows = 0;
  #reference = new Float32Array(0);
  #cells = new Float32Array(0);
  #at = 0;
  /** Median difference of the still frames of late: an encoder short of bits repeats the noise of a frame, then changes it here and there. */
  #noise = 0;
  readonly #histogram = new Uint32Array(2 * 256 * BINS + 1);

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
    return false;
  }

  /** Mean green of every cell. */
  #measure({ data, width, height }: Frame): void {
    const cells = this.#cells.fill(0);
    for (let y = 0; y < height; y += ROW_STEP)
      addRow(data.subarray(y * width, (y + 1) * width), cells, Math.floor(y / CELL) * this.#columns);
    for (let cell = 0; cell < cells.length; cell++) {
      const left = (cell % this.#columns) * CELL;
      const top = Math.floor(cell / this.#columns) * CELL;
      const rows = Math.ceil(Math.min(CELL, height - top) / ROW_STEP);
      cells[cell] = (cells[cell] as number) / (rows * Math.min(CELL, width - left));
    }
  }

  #changed(): boolean {
    const [cells, reference] = [this.#cells, this.#reference];
    const common = this.#median((cell) => (cells[cell] as number) - (reference[cell] as number));
    const noise = this.#median((cell) => Math.abs((cells[cell] as number) - (reference[cell] as number) - common));
    const least = Math.min(MOST, Math.max(LEAST, ABOVE_NOISE * Math.max(noise, this.#noise)));
    let count = 0;
    for (let cell = 0; cell < cells.length; cell++) {
      if (Math.abs((cells[cell] as number) - (reference[cell] as number) - common) > least) count++;
    }
    const changed = count > Math.max(LEAST_CELLS, SHARE * cells.length);
    if (!changed) this.#noise = Math.max(noise, this.#noise);
    return changed;
  }

  /** Median over all cells of a value within -256..256, to a fraction of a grey level. */
  #median(difference: (cell: number) => number): number {
    const histogram = this.#histogram.fill(0);
    const zero = 256 * BINS;
    const cells = this.#cells.length;
    for (let cell = 0; cell < cells; cell++) {
      const bin = Math.max(0, Math.min(histogram.length - 1, Math.round(difference(cell) * BINS) + zero));
      histogram[bin] = (histogram[bin] as number) + 1;
    }
    let bin = 0;
    for (let left = cells / 2; bin < histogram.length; bin++) {
      left -= histogram[bin] as number;
      if (left <= 0) break;
    }
    return (bin - zero) / BINS;
  }

  /** @param share of the new in the reference */
  #remember(share: number): void {
    const reference = this.#reference;
    for (let cell = 0; cell < reference.length; cell++) {
      reference[cell] = (reference[cell] as number) * (1 - share) + (this.#cells[cell] as number) * share;
    }
  }
}

/** Adds the pixels of a row to the sums of its cells, the first of which is at `cell`. Whole cells are written out: this runs for every frame. */
function addRow(row: Uint8Array, sums: Float32Array, cell: number): void {
  let at = cell;
  let x = 0;
  for (; x + CELL <= row.length; x += CELL) {
    const left = (row[x] as number) + (row[x + 1] as number) + (row[x + 2] as number) + (row[x + 3] as number);
    const right = (row[x + 4] as number) + (row[x + 5] as number) + (row[x + 6] as number) + (row[x + 7] as number);
    sums[at] = (sums[at] as number) + left + right;
    at++;
  }
  for (; x < row.length; x++) sums[at] = (sums[at] as number) + (row[x] as number);
}
