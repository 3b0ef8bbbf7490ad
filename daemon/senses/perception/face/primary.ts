/** Another face must be this much more in view to take the place of the one that has it: two people side by side would change places with every nod. */
const LEAD = 1.3;

/** The face of a room's picture that is meant where only one can be: the largest that can be read well, and not another every moment. */
export class PrimaryFace {
  #track: number | null = null;

  /**
   * The track of the primary face of these; null where there are none.
   * @param faces `side` in px of the frame, `quality` 0..1: their product is how much of a face is in view
   */
  choose(faces: readonly { track: number; side: number; quality: number }[]): number | null {
    let best: { track: number; weight: number } | null = null;
    for (const { track, side, quality } of faces) {
      const weight = side * quality * (track === this.#track ? LEAD : 1);
      if (!best || weight > best.weight) best = { track, weight };
    }
    this.#track = best?.track ?? null;
    return this.#track;
  }
}
