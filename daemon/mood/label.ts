import { COORDINATES } from './affect.ts';
import { type Affect, EMOTIONS } from './emotion.ts';
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

/** Where each emotion lies. */
const LABELS: readonly MoodLabel[] = EMOTIONS.map((emotion) => quadrant(COORDINATES[emotion], 'neutral'));

/** How likely a label must be to come in place of another. One in force stays until then, so that between both nothing flaps. */
const BELIEVED = 0.6;

/**
 * The label of a room: the quadrant of what is believed to be felt, once that is likely enough, and never twice within `dwell`. No
 * emotion is pleasant and still, so a room is calm where what is believed is pleasant or neutral, and arousal and valence are those of calm.
 */
export class Label {
  readonly #dwell: number;
  #label: MoodLabel;
  /** ms of CLOCK_MONOTONIC; undefined: when it is first asked. */
  #changedAt: number | undefined;

  /**
   * @param dwell ms; 0: the quadrant of the moment, with hysteresis
   * @param first in force already; without it nothing is, and the first that is believed comes at once
   */
  constructor(dwell: number, first?: MoodLabel) {
    this.#dwell = dwell;
    this.#label = first ?? 'neutral';
    this.#changedAt = first ? undefined : Number.NEGATIVE_INFINITY;
  }

  get label(): MoodLabel {
    return this.#label;
  }

  /**
   * @param felt how likely each emotion is, in the order of `EMOTIONS`
   * @param now ms of CLOCK_MONOTONIC, never less than the time before
   */
  decide(felt: ArrayLike<number>, { affect, now }: { affect: Affect; now: number }): void {
    this.#changedAt ??= now;
    const place = quadrant(affect, this.#label);
    const next = this.#dwell === 0 ? place : this.#believed(felt, place);
    if (next === this.#label || now - this.#changedAt < this.#dwell) return;
    this.#label = next;
    this.#changedAt = now;
  }

  #believed(felt: ArrayLike<number>, place: MoodLabel): MoodLabel {
    const likely = MOOD_LABELS.find((label) => shareOf(label, felt) >= BELIEVED) ?? this.#label;
    return place === 'calm' && (likely === 'cheerful' || likely === 'neutral') ? 'calm' : likely;
  }
}

function shareOf(label: MoodLabel, felt: ArrayLike<number>): number {
  let share = 0;
  for (let i = 0; i < LABELS.length; i++) if (LABELS[i] === label) share += felt[i] as number;
  return share;
}
