import type { Affect } from './emotion.ts';
import type { MoodLabel } from './mood.ts';

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

/** Keeps a label until another has held for `dwell` ms without a break. */
export class DwellingLabel {
  readonly #dwell: number;
  #label: MoodLabel;
  #candidate: MoodLabel;
  #since = 0;

  /** @param first in force until another has held for `dwell` ms */
  constructor(dwell: number, first: MoodLabel = 'neutral') {
    this.#dwell = dwell;
    this.#label = first;
    this.#candidate = first;
  }

  /** @param now ms of CLOCK_MONOTONIC, never less than the time before */
  follow(affect: Affect, now: number): MoodLabel {
    const candidate = quadrant(affect, this.#label);
    if (candidate !== this.#candidate) {
      this.#candidate = candidate;
      this.#since = now;
    }
    if (now - this.#since >= this.#dwell) this.#label = candidate;
    return this.#label;
  }
}
