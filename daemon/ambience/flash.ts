import type { Attributes, DeviceId } from '../devices/device.ts';
import { linearRgb } from './chroma.ts';
import { chromaticity } from './slots.ts';

/** What a lamp, or the lamps of a room together, give as the rules on flashes see it. */
export interface Glow {
  /** Relative luminance 0..1, if the lamp dims in proportion to its percent. */
  linear: number;
  /** The same if it dims as the eye sees (a power of 2.2); nobody knows which, so both are watched. */
  perceived: number;
  /** (R - G - B) x 320, not below 0. */
  red: number;
  /** R / (R + G + B) >= 0.8 */
  isRed: boolean;
}

/** An opposing change of a tenth of the greatest luminance, its darker side below 0.8 of it, is half a flash. */
const LEAST_CHANGE = 0.1;
const BRIGHT = 0.8;
const LEAST_RED_CHANGE = 20;
const RED_RATIO = 0.8;

/** ms */
const WINDOW = 1000;

/**
 * Opposing changes that may go out in a second. Three flashes would be six; these are two, because commands that wait on their way
 * may arrive closer together than they were sent.
 */
const MOST_CHANGES = 4;

/** Saturated red may come or go, but not both within a second: red flicker is none at all. */
const MOST_RED_CHANGES = 1;

/** ms for which an unanswered command may still arrive. */
const MAY_ARRIVE = 12_000;

interface Change {
  /** ms of CLOCK_MONOTONIC when it was asked for, or answered. */
  at: number;
  isPending: boolean;
}

/** One signal over time: its last turn, and the opposing changes since. */
interface Swing {
  turn: Glow;
  direction: -1 | 0 | 1;
  changes: Change[];
}

const SIGNALS = ['linear', 'perceived', 'red'] as const;
type Signal = (typeof SIGNALS)[number];

type Watched = Record<Signal, Swing>;

export interface Moment {
  glow: Glow;
  /** ms of CLOCK_MONOTONIC */
  now: number;
}

/**
 * Sees to it that no sequence of commands, whoever asks for them, makes light flash more than three times a second, or flicker in
 * saturated red. Definitions: WCAG 2.1, success criterion 2.3.1, "general flash and red flash thresholds"; ITU-R BT.1702 has the
 * same for a screen (20 cd/m2 of 200, darker side below 160). A lamp lights all that is seen, so there is no exception for small areas.
 */
export class FlashGuard {
  readonly #watched = new Map<string, Watched>();
  /** Changes of commands that are not answered yet. */
  readonly #pending = new Map<string, Change[]>();

  /** Whether the light of `key` (a device, or a room) may change so now. */
  allows(key: string, { glow, now }: Moment): boolean {
    const watched = this.#watched.get(key);
    if (!watched) return true;
    return SIGNALS.every((signal) => {
      const swing = watched[signal];
      if (turnsTo(signal, swing, glow) === 0) return true;
      const most = signal === 'red' ? MOST_RED_CHANGES : MOST_CHANGES;
      return swing.changes.filter((change) => isRecent(change, now)).length < most;
    });
  }

  /** Light changes, by a command or as a device reports it. `from`: where it stood, if nothing was noted before. */
  note(key: string, { from, glow, now, command }: Moment & { from: Glow; command?: string }): void {
    const watched = this.#watched.get(key) ?? { linear: startAt(from), perceived: startAt(from), red: startAt(from) };
    this.#watched.set(key, watched);
    for (const signal of SIGNALS) {
      const swing = watched[signal];
      const turned = turnsTo(signal, swing, glow);
      if (turned === 0) extend(swing, { signal, glow, now });
      else {
        const change = { at: now, isPending: command !== undefined };
        swing.changes = [...swing.changes.filter((each) => isRecent(each, now)), change];
        swing.turn = glow;
        swing.direction = turned;
        if (command !== undefined) this.#pending.set(command, [...(this.#pending.get(command) ?? []), change]);
      }
    }
  }

  /** A command was answered, or will not be carried out: from now on its changes grow old. */
  ended(command: string, at: number): void {
    for (const change of this.#pending.get(command) ?? []) Object.assign(change, { at, isPending: false });
    this.#pending.delete(command);
  }

  forget(device: DeviceId): void {
    this.#watched.delete(device);
  }
}

const startAt = (glow: Glow): Swing => ({ turn: glow, direction: 0, changes: [] });

const isRecent = ({ at, isPending }: Change, now: number): boolean => now - at < (isPending ? MAY_ARRIVE : WINDOW);

/** The way in which the signal turns with this glow; 0 where it goes on as before, or changes too little. */
function turnsTo(signal: Signal, { turn, direction }: Swing, glow: Glow): Swing['direction'] {
  const change = glow[signal] - turn[signal];
  if (signal === 'red') {
    if (Math.abs(change) <= LEAST_RED_CHANGE || !(turn.isRed || glow.isRed)) return 0;
  } else if (Math.abs(change) < LEAST_CHANGE || Math.min(glow[signal], turn[signal]) >= BRIGHT) return 0;
  const way = change > 0 ? 1 : -1;
  return way === direction ? 0 : way;
}

/** Goes on in the direction of the last turn: the turn is where, and when, it goes farthest. */
function extend(swing: Swing, { signal, glow, now }: Moment & { signal: Signal }): void {
  const change = glow[signal] - swing.turn[signal];
  if (swing.direction === 0 || change * swing.direction <= 0) return;
  swing.turn = glow;
  const last = swing.changes.at(-1);
  if (last) last.at = now;
}

/** What a lamp with these values gives. What is not known counts as it makes most light: on, full, white. */
export function glowOf(values: Attributes): Glow {
  const { on = true, brightness = 100 } = values;
  if (!on) return { linear: 0, perceived: 0, red: 0, isRed: false };
  const [red, green, blue] = linearRgb(chromaticity(values) ?? WHITE);
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const level = brightness / 100;
  return {
    linear: luminance * level,
    perceived: luminance * level ** 2.2,
    red: Math.max(0, red - green - blue) * level * 320,
    isRed: red / (red + green + blue) >= RED_RATIO,
  };
}

/** What several lamps give together. */
export function meanGlow(glows: readonly Glow[]): Glow {
  const mean = (signal: Signal): number => glows.reduce((sum, glow) => sum + glow[signal], 0) / Math.max(1, glows.length);
  return { linear: mean('linear'), perceived: mean('perceived'), red: mean('red'), isRed: glows.some(({ isRed }) => isRed) };
}

/** D65 */
const WHITE = { x: 0.3127, y: 0.329 };
