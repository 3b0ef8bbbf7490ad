import type { Activity } from '../perception/perception.ts';
import type { Verdict } from './capture.ts';
import type { Decoding } from './ffmpeg.ts';

/** ms without motion and people after which a camera is looked at once a second. */
export const IDLE_AFTER = 30_000;
/** ms between the frames that are read while idle. */
const IDLE_SPACING = 1000;
/** Frames come a little early now and then; key frames come when they come: about one a second is read. */
const EARLY = { all: 0.95, keys: 0.6 } as const;
/** ms between key frames at most, for them to be enough. */
const MAX_KEY_SPACING = 1800;
/** Key frames that must have come so, one after the other. */
const KEY_FRAMES = 3;
/** ms after which key frames are tried again where they were too few, and after which a change that failed is. */
const TRY_KEYS_AGAIN = 600_000;
const TRY_AGAIN = 10_000;

export interface PaceOptions {
  /** Frames a second that are read while there is something to see. */
  fps: number;
  /** Whether the source lets another program begin to read it before the present one ends. */
  changeable: boolean;
}

/**
 * How often a camera is looked at: as often as configured while something moves or somebody is there, and for a while after;
 * otherwise once a second, and then at key frames alone where they come so often, which spares the decoder most of its work.
 * All times mono ms.
 */
export class Pace {
  readonly #options: PaceOptions;
  /** What the program decodes that is heard now. */
  #decoding: Decoding = 'all';
  #activeAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #frameAt = Number.NEGATIVE_INFINITY;
  #changing = false;
  #noKeysBefore = Number.NEGATIVE_INFINITY;
  #noChangeBefore = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** A program was started that decodes all. */
  started(at: number): void {
    if (this.#decoding === 'keys') this.#noKeysBefore = at + TRY_KEYS_AGAIN;
    this.#decoding = 'all';
    this.#changing = false;
    this.#frameAt = Number.NEGATIVE_INFINITY;
    this.#activeAt = at;
  }

  /** @returns whether the frame that comes now is to be read */
  wants(at: number): boolean {
    if (at - this.#readAt < this.#spacing(at) * EARLY[this.#decoding]) return false;
    this.#readAt = at;
    return true;
  }

  /** A frame came. */
  came(at: number): void {
    const late = at - this.#frameAt > MAX_KEY_SPACING && this.#frameAt !== Number.NEGATIVE_INFINITY;
    if (this.#decoding === 'keys' && late) this.#noKeysBefore = at + TRY_KEYS_AGAIN;
    this.#frameAt = at;
  }

  /** A frame of that time was read. */
  seen({ moved, faces }: Activity, at: number): void {
    if (moved || faces > 0) this.#activeAt = at;
  }

  /** What another program should begin to decode now; null where nothing is to change. Then `changed` is to be told. */
  change(at: number): Decoding | null {
    if (!this.#options.changeable || this.#changing || at < this.#noChangeBefore) return null;
    const wanted = this.#idle(at) && at >= this.#noKeysBefore ? 'keys' : 'all';
    if (wanted === this.#decoding) return null;
    this.#changing = true;
    return wanted;
  }

  /** How the change ended. */
  changed(decoding: Decoding, { at, done }: { at: number; done: boolean }): void {
    this.#changing = false;
    this.#noChangeBefore = done ? at : at + TRY_AGAIN;
    if (done) this.#decoding = decoding;
    else if (decoding === 'keys' && this.#idle(at)) this.#noKeysBefore = at + TRY_KEYS_AGAIN;
  }

  /** Judges, frame by frame, whether the key frames of a stream come often enough; refutes them where they are needed no more. */
  keyFrameTrial(): (at: number) => Verdict {
    let count = 0;
    let before = Number.POSITIVE_INFINITY;
    return (at) => {
      const gap = at - before;
      before = at;
      if (gap > MAX_KEY_SPACING || !this.#idle(at)) return 'refuted';
      return ++count < KEY_FRAMES ? 'open' : 'proven';
    };
  }

  /** ffmpeg itself gives no more frames than configured, but one a second at least. */
  #spacing(at: number): number {
    const configured = this.#options.fps < 1 ? 1000 / this.#options.fps : 0;
    return this.#idle(at) ? Math.max(IDLE_SPACING, configured) : configured;
  }

  #idle(at: number): boolean {
    return at - this.#activeAt >= IDLE_AFTER;
  }
}
