import type { Observation } from '../../../mood/observation.ts';
import type { FaceReader } from '../../perception/perception.ts';
import { type Band, blackOut, maskBands, type Polygon } from '../mask.ts';
import { Planar, type Size } from './planar.ts';
import type { I420 } from './wrtc.ts';

export interface PicturesOptions extends Size {
  /** Pictures a second that are read at most. */
  fps: number;
  masks: readonly Polygon[];
  reader: Pick<FaceReader, 'read' | 'close'>;
}

/** The newest picture that a device sent, until it is read. It is turned into a frame only then. */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly #planar: Planar;
  readonly #bands: readonly Band[];
  #newest: { picture: I420; at: number } | null = null;
  #takenAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor(options: PicturesOptions) {
    this.#options = options;
    this.#planar = new Planar(options);
    this.#bands = maskBands(options.masks);
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param at mono ms @returns whether it is worth reading: a device may send more of them than are asked for */
  take(picture: I420, at: number): boolean {
    if (at - this.#takenAt < 950 / this.#options.fps) return false;
    this.#takenAt = at;
    blackOut(picture, this.#bands);
    if (this.#newest) this.#dropped++;
    this.#newest = { picture, at };
    return true;
  }

  readNext(): Promise<Observation[]> | null {
    if (!this.#newest) return null;
    const { picture, at } = this.#newest;
    this.#newest = null;
    return this.#options.reader.read({ ...this.#planar.frame(picture), at });
  }

  /** Another device sends: what the last one did is not read any more. */
  restart(): void {
    this.#newest = null;
    this.#takenAt = Number.NEGATIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.restart();
    await this.#options.reader.close();
    this.#planar.wipe();
  }
}
