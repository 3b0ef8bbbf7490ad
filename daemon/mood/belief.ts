import { type Distribution, toDistribution } from './distribution.ts';
import { EMOTIONS } from './emotion.ts';

const SIZE = EMOTIONS.length;
/** What a look shows: what is felt (0), or all the while one emotion (1 + its place), whatever is felt. */
const MODES = 1 + SIZE;

/** How often people feel what, where nothing is known: mostly at rest, then glad. Our own choice. */
const USUAL = toDistribution({ neutral: 0.4, happiness: 0.15, sadness: 0.1, anger: 0.1, surprise: 0.1, fear: 0.075, disgust: 0.075 });

/** ms after which something else is felt with probability 1 - 1/e: short enough that a change is believed once it is plainly seen. */
const LASTING = 120_000;

/** ms after which a look that was misread is read rightly with probability 1 - 1/e: nobody is misread for ever. */
const MISREAD_FOR = 120_000;

/** ms in which nothing changes by itself. */
const STEP = 1000;

/** ms after which no look goes on, whatever its source. */
const OVER = 60_000;

/** What a source says at a moment. */
export interface Word {
  /** ms of CLOCK_MONOTONIC */
  at: number;
  opinion: Distribution;
  /** How many independent readings it is worth, 0 and up. */
  evidence: number;
  /** ms since the source's last word in which this one still belongs to the same look. */
  within: number;
  /** 0..1: how often a look of this kind is misread from its beginning on: a face at rest that seems sad, a joke that reads as anger. */
  misread: number;
}

/** What a source shows without a break. */
interface Look {
  /** When it last showed something: ms of CLOCK_MONOTONIC. */
  at: number;
  /** P(mode | felt), row by row of what is felt. */
  modes: Float64Array;
}

/**
 * What has been felt in a room of late, from all that was read: a hidden Markov model whose state, the emotion felt, mostly stays
 * (the forward algorithm; Rabiner 1989, "A tutorial on hidden Markov models", Proceedings of the IEEE 77, 257-286). Readings of one
 * look are no independent witnesses: a look as a whole may be misread, and then says the same wrong thing as long as it
 * lasts, so that no number of its readings outweighs what was known before. What changes within a look is believed for that reason,
 * what a look says from the first is weighed against how likely it is that something changed unseen. Of several sources each has its
 * own look; between them, given what is felt, nothing is kept (an assumed density filter; Boyen & Koller 1998, UAI, 33-42).
 */
export class Belief {
  #felt: Distribution = [...USUAL];
  readonly #looks = new Map<string, Look>();
  readonly #likelihood = new Float64Array(SIZE);
  /** ms of CLOCK_MONOTONIC up to which time has passed. */
  #at = Number.NEGATIVE_INFINITY;

  /** How likely each emotion is, in the order of `EMOTIONS`. */
  get felt(): Distribution {
    return this.#felt;
  }

  /** Nobody is known of any more. */
  reset(): void {
    this.#felt = [...USUAL];
    this.#looks.clear();
  }

  /** A source says something of the emotions. */
  hear(source: string, { at, opinion, evidence, within, misread }: Word): void {
    this.#pass(at);
    let look = this.#looks.get(source);
    if (!look || at - look.at > within) {
      look = { at, modes: newLook(misread) };
      this.#looks.set(source, look);
    }
    look.at = Math.max(look.at, at);
    for (let i = 0; i < SIZE; i++) this.#likelihood[i] = (opinion[i] as number) ** evidence;
    this.#weigh(look.modes);
  }

  /** With time another emotion may have come, each as often as it usually does. */
  #pass(at: number): void {
    const elapsed = at - this.#at;
    if (!(elapsed >= STEP)) return;
    this.#at = at;
    const felt = this.#felt;
    const stay = Math.exp(-elapsed / LASTING);
    const wrong = Math.exp(-elapsed / MISREAD_FOR);
    for (const [source, { at: last, modes }] of this.#looks) {
      if (at - last > OVER) this.#looks.delete(source);
      else {
        mixModes(modes, { felt, stay });
        setRight(modes, wrong);
      }
    }
    for (let i = 0; i < SIZE; i++) felt[i] = stay * (felt[i] as number) + (1 - stay) * (USUAL[i] as number);
  }

  /** Bayes' rule for what is felt and how it shows. */
  #weigh(modes: Float64Array): void {
    const felt = this.#felt;
    const likelihood = this.#likelihood;
    let total = 0;
    for (let i = 0; i < SIZE; i++) {
      const row = i * MODES;
      let sum = 0;
      for (let k = 0; k < MODES; k++) {
        const joint = (modes[row + k] as number) * (likelihood[k === 0 ? i : k - 1] as number);
        modes[row + k] = joint;
        sum += joint;
      }
      for (let k = 0; k < MODES; k++) modes[row + k] = (modes[row + k] as number) / sum;
      felt[i] = (felt[i] as number) * sum;
      total += felt[i] as number;
    }
    for (let i = 0; i < SIZE; i++) felt[i] = (felt[i] as number) / total;
  }
}

/** Whatever is felt, a look shows it, or some other emotion, each as likely. */
function newLook(misread: number): Float64Array {
  const modes = new Float64Array(SIZE * MODES);
  for (let i = 0; i < SIZE; i++) {
    for (let k = 1; k < MODES; k++) modes[i * MODES + k] = k - 1 === i ? 0 : misread / (SIZE - 1);
    modes[i * MODES] = 1 - misread;
  }
  return modes;
}

/** @param stay share of misreadings that go on */
function setRight(modes: Float64Array, stay: number): void {
  for (let row = 0; row < modes.length; row += MODES) {
    const wrong = 1 - (modes[row] as number);
    for (let k = 1; k < MODES; k++) modes[row + k] = stay * (modes[row + k] as number);
    modes[row] = 1 - stay * wrong;
  }
}

/** How a look shows goes on as it was when what is felt changes. @param felt before the change */
function mixModes(modes: Float64Array, { felt, stay }: { felt: Distribution; stay: number }): void {
  const all = new Float64Array(MODES);
  for (let i = 0; i < SIZE; i++) {
    for (let k = 0; k < MODES; k++) all[k] = (all[k] as number) + (felt[i] as number) * (modes[i * MODES + k] as number);
  }
  for (let i = 0; i < SIZE; i++) {
    const comes = (1 - stay) * (USUAL[i] as number);
    const share = comes / (stay * (felt[i] as number) + comes);
    for (let k = 0; k < MODES; k++) {
      const at = i * MODES + k;
      modes[at] = (1 - share) * (modes[at] as number) + share * (all[k] as number);
    }
  }
}
