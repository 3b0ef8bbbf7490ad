import type { Frame } from '../frame.ts';

/** Every so many pixels, across and down, one is looked at. */
const STEP = 4;
/** Grey levels that a pixel must differ by: above the noise of a camera in a lit room. */
const DIFFERENCE = 20;
/** Share of the pixels looked at that must differ: a face of 40 px that turns is enough in a frame of 640x360. */
const SHARE = 0.0005;

/**
 * Tells whether anything moved, so that nothing is inferred in a still room. Holds one green value of every STEP x STEP
 * pixels of an earlier frame. A noisy picture counts as motion: then every frame is read, as without the gate.
 */
export class MotionGate {
  #width = 0;
  #reference = new Uint8Array(0);

  /** Compares with the frame for which this was last true; true for the first, and for one of another size. */
  moved(frame: Frame): boolean {
    const samples = Math.ceil(frame.width / STEP) * Math.ceil(frame.height / STEP);
    const changed = frame.width !== this.#width || samples !== this.#reference.length || this.#differing(frame) > SHARE * samples;
    if (changed) this.#remember(frame, samples);
    return changed;
  }

  #differing({ data, width, height }: Frame): number {
    const reference = this.#reference;
    let count = 0;
    let at = 0;
    for (let y = 0; y < height; y += STEP) {
      for (let i = y * width; i < (y + 1) * width; i += STEP) {
        if (Math.abs((data[i] as number) - (reference[at++] as number)) > DIFFERENCE) count++;
      }
    }
    return count;
  }

  #remember({ data, width, height }: Frame, samples: number): void {
    if (this.#reference.length !== samples) this.#reference = new Uint8Array(samples);
    this.#width = width;
    let at = 0;
    for (let y = 0; y < height; y += STEP) {
      for (let i = y * width; i < (y + 1) * width; i += STEP) this.#reference[at++] = data[i] as number;
    }
  }
}
