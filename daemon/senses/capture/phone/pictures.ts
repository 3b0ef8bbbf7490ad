import type { Observation } from '../../../mood/observation.ts';
import type { FaceReader } from '../../perception/perception.ts';
import type { PhoneSpec } from '../../protocol.ts';
import { type Band, blackOut, maskBands } from '../mask.ts';
import { Pace } from '../pace.ts';
import { Planar } from './planar.ts';
import type { I420 } from './wrtc.ts';

export interface PicturesOptions {
  spec: Pick<PhoneSpec, 'fps' | 'width' | 'height' | 'masks'>;
  reader: Pick<FaceReader, 'read' | 'close' | 'activity'>;
}

/** The newest picture that a device sent, until it is read. It is masked, and turned into a frame, only then. */
export class Pictures {
  readonly #reader: PicturesOptions['reader'];
  /** ms between two pictures that are read; they come a little early now and then. */
  readonly #spacing: number;
  readonly #pace: Pace;
  readonly #bands: readonly Band[];
  readonly #planar: Planar;
  #newest: { picture: I420; at: number } | null = null;
  #takenAt = Number.NEGATIVE_INFINITY;
  #dropped = 0;

  constructor({ spec, reader }: PicturesOptions) {
    this.#reader = reader;
    this.#spacing = 950 / spec.fps;
    this.#pace = new Pace({ fps: spec.fps, changeable: false });
    this.#bands = maskBands(spec.masks);
    this.#planar = new Planar(spec);
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param at mono ms @returns whether it is worth reading: a device may send more of them than are asked for */
  take(picture: I420, at: number): boolean {
    if (at - this.#takenAt < this.#spacing || !this.#pace.wants(at)) return false;
    this.#takenAt = at;
    if (this.#newest) this.#dropped++;
    this.#newest = { picture, at };
    return true;
  }

  readNext(): Promise<Observation[]> | null {
    if (!this.#newest) return null;
    const { picture, at } = this.#newest;
    this.#newest = null;
    blackOut(picture, this.#bands);
    return this.#reader.read({ ...this.#planar.frame(picture), at }).finally(() => this.#pace.seen(this.#reader.activity, at));
  }

  /** Another device sends: what the last one did is not read any more. @param at mono ms */
  restart(at: number): void {
    this.#newest = null;
    this.#takenAt = Number.NEGATIVE_INFINITY;
    this.#pace.started(at);
  }

  async close(): Promise<void> {
    this.#newest = null;
    await this.#reader.close();
    this.#planar.wipe();
  }
}
