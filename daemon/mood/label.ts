import type { Affect } from './emotion.ts';
import { MOOD_LABELS, type MoodLabel } from './mood.ts';

/** Distance from the origin and pleasantness at which a room stops being neutral, and below which it is neutral again. */
const ENTER = { radius: 0.22, valence: 0.12 };
const LEAVE = { radius: 0.14, valence: 0.04 };

/** How far arousal must cross zero to change quadrant. */
const AROUSAL_MARGIN = 0.06;

/** The quadrant of the circumplex, with hysteresis: at a border, whatever was in force stays. */
export function quadrant({ valence, arousal }: Affect, current: MoodLabel): MoodLabel {
  const bounds = current === 'neutral' ? ENTER : LEAVE;
  if (Math.hypot(valence, arousal) < bounds.radius || Math.abs(valence) < bounds.valence) return 'neutral';
  const wasActive = current === 'cheerful' || current === 'tense';
  const border = current === 'neutral' ? 0 : wasActive ? -AROUSAL_MARGIN : AROUSAL_MARGIN;
  const active = arousal >= border;
  if (valence > 0) return active ? 'cheerful' : 'calm';
  return active ? 'tense' : 'low';
}

/**
 * The label of a room. Each moment with evidence is a vote for the quadrant it lies in; votes count half after `dwell` of
 * evidence, and the label with most votes wins: the state with most time in a window, the window being exponential. Against
 * one that has had all of it, another needs `dwell` to win. A label stays for `dwell` at least.
 */
export class LabelVote {
  readonly #dwell: number;
  readonly #votes = new Float64Array(MOOD_LABELS.length);
  #label: MoodLabel;
  #candidate: MoodLabel;
  #changedAt = Number.NEGATIVE_INFINITY;
  #candidateSince = Number.NEGATIVE_INFINITY;

  /**
   * @param dwell ms; 0: the quadrant of the moment, with hysteresis
   * @param first in force, as if it had always been
   */
  constructor(dwell: number, first: MoodLabel = 'neutral') {
    this.#dwell = dwell;
    this.#label = first;
    this.#candidate = first;
    this.#votes[MOOD_LABELS.indexOf(first)] = 1;
  }

  get label(): MoodLabel {
    return this.#label;
  }

  /** What the moment says otherwise than the label, and since when (ms of CLOCK_MONOTONIC); undefined where it says the same. */
  get contrary(): { since: number } | undefined {
    return this.#candidate === this.#label ? undefined : { since: this.#candidateSince };
  }

  /** @param evidence ms of it that have passed with the affect of the last call of `decide` */
  pass(evidence: number): void {
    if (this.#dwell === 0 || evidence === 0) return;
    const kept = 2 ** (-evidence / this.#dwell);
    const chosen = MOOD_LABELS.indexOf(this.#candidate);
    for (let i = 0; i < this.#votes.length; i++) this.#votes[i] = (this.#votes[i] as number) * kept;
    this.#votes[chosen] = (this.#votes[chosen] as number) + 1 - kept;
  }

  /** @param now ms of CLOCK_MONOTONIC, never less than the time before */
  decide(affect: Affect, now: number): MoodLabel {
    const candidate = quadrant(affect, this.#label);
    if (candidate !== this.#candidate) this.#candidateSince = now;
    this.#candidate = candidate;
    const winner = this.#dwell === 0 ? this.#candidate : this.#winner();
    if (winner !== this.#label && now - this.#changedAt >= this.#dwell) {
      this.#label = winner;
      this.#changedAt = now;
    }
    return this.#label;
  }

  /** Of equals the one in force. */
  #winner(): MoodLabel {
    let best = MOOD_LABELS.indexOf(this.#label);
    for (let i = 0; i < this.#votes.length; i++) if ((this.#votes[i] as number) > (this.#votes[best] as number) + ROUNDING) best = i;
    return MOOD_LABELS[best] as MoodLabel;
  }
}

/** So that a tie stays one. */
const ROUNDING = 1e-9;
