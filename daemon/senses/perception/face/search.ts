import type { Frame } from '../frame.ts';
import { type Detection, sideOf } from './box.ts';
import type { FaceDetector } from './detector.ts';

/** Side, in px that the network sees at full size, from which a face is found as well, and placed as well, at half of it. */
export const LARGE_SIDE = 80;
/** ms: so often at least the whole picture is searched closely, for faces that came and are small. */
export const CLOSE_EVERY = 1000;

/**
 * Finds the faces of one camera's frames, and looks as closely as it must: while all faces that are there are large, at half
 * the size, for a quarter of the work. Where one of them is missed so, the frame is searched closely at once.
 */
export class FaceSearch {
  readonly #detector: Pick<FaceDetector, 'detect' | 'scale'>;
  #known: readonly Detection[] = [];
  #closeAt = Number.NEGATIVE_INFINITY;

  constructor(detector: Pick<FaceDetector, 'detect' | 'scale'>) {
    this.#detector = detector;
  }

  /** Faces of the frame, best score first. `frame.at` must not decrease. */
  async find(frame: Frame): Promise<Detection[]> {
    if (this.#glanceIsEnough(frame)) {
      const found = await this.#detector.detect(frame, { shrink: 2 });
      if (found.length >= this.#known.length) return this.#keep(found);
    }
    this.#closeAt = frame.at;
    return this.#keep(await this.#detector.detect(frame));
  }

  #glanceIsEnough(frame: Frame): boolean {
    const scale = this.#detector.scale(frame);
    if (scale === null || this.#known.length === 0 || frame.at - this.#closeAt >= CLOSE_EVERY) return false;
    return this.#known.every(({ box }) => sideOf(box) >= LARGE_SIDE * scale);
  }

  #keep(found: Detection[]): Detection[] {
    this.#known = found;
    return found;
  }
}
