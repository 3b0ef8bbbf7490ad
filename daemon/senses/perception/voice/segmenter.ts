/** Speech begins at this probability and lasts while it stays above the lower one: the authors of Silero VAD advise 0.5 and 0.15 less. */
const BEGIN = 0.5;
const CONTINUE = 0.35;

/** All in chunks of 32 ms. Silence ends a segment after 0.4 s; one that is shorter than 2 s may go on for 1 s. */
const HANGOVER = 13;
const LONG_HANGOVER = 31;
const LONG_ENOUGH = 62;
const MIN_SPEECH = 8;
export const MAX_LENGTH = 156;

/** An utterance, or 5 s of one that goes on. Lengths in chunks. */
export interface Segment {
  /** Chunks above the threshold */
  speech: number;
  /** Silent chunks between spoken ones */
  pauses: number;
  /** Silent chunks after the last spoken one */
  trailing: number;
  /** Mean probability over the spoken chunks */
  probability: number;
}

/**
 * Cuts a series of speech probabilities, one per chunk, into segments of 2 to 5 s, as far as people let it: phrases with short
 * pauses between them are one segment, and one that nothing follows is as short as it was said, 0.25 s of speech at least.
 */
export class Segmenter {
  #length = 0;
  #speech = 0;
  #silent = 0;
  #probability = 0;

  /** Whether a segment is open: its chunks are worth analysing. */
  get open(): boolean {
    return this.#length > 0;
  }

  /** Takes the next chunk; gives the segment that ends with it, `dropped` if that was too short to be speech, or null. */
  step(probability: number): Segment | 'dropped' | null {
    if (!this.open && probability < BEGIN) return null;
    this.#length++;
    if (probability >= CONTINUE) {
      this.#speech++;
      this.#silent = 0;
      this.#probability += probability;
    } else this.#silent++;
    const hangover = this.#length - this.#silent >= LONG_ENOUGH ? HANGOVER : LONG_HANGOVER;
    return this.#silent >= hangover || this.#length >= MAX_LENGTH ? this.#end() : null;
  }

  #end(): Segment | 'dropped' {
    const segment = {
      speech: this.#speech,
      pauses: this.#length - this.#speech - this.#silent,
      trailing: this.#silent,
      probability: this.#probability / this.#speech,
    };
    this.#length = 0;
    this.#speech = 0;
    this.#silent = 0;
    this.#probability = 0;
    return segment.speech < MIN_SPEECH ? 'dropped' : segment;
  }
}
