/** Speech begins at this probability and lasts while it stays above the lower one: the authors of Silero VAD advise 0.5 and 0.15 less. */
const BEGIN = 0.5;
const CONTINUE = 0.35;

/** In chunks of 32 ms */
const HANGOVER = 13;
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

/** Cuts a series of speech probabilities, one per chunk, into segments: 0.25 s of speech at least, 5 s at most, ended by 0.4 s of silence. */
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
    return this.#silent >= HANGOVER || this.#length >= MAX_LENGTH ? this.#end() : null;
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
