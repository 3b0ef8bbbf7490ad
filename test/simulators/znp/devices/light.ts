import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import { Fade } from './fade.ts';

/** A color as lamps keep it: a point of CIE 1931 as 16-bit fractions, or a color temperature in mired. */
export type LampColor = { x: number; y: number } | { mired: number };

/** What a lamp shows. */
export interface LampState {
  /** Whether light comes out. */
  lit: boolean;
  /** 1 to 254. */
  level: number;
  /** Undefined for lamps of one color. */
  color: LampColor | undefined;
}

/** What real lamps do otherwise than the standard says; README.md has the sources. All are off unless a test wants them. */
export interface LampQuirks {
  /** Shows the color it had before for a moment when it comes on, although another one was set meanwhile. */
  flashesCachedColor?: boolean;
  /** A color command ends a fade of the brightness where it is, and the other way about. */
  oneTransition?: boolean;
  /** After a fade to off, a bare "on" comes back at the lowest level. */
  forgetsLevel?: boolean;
  /** A fade to off while it is off makes it shine at the lowest level, and it still says that it is off. */
  offAgainShines?: boolean;
}

/** How long a lamp with `flashesCachedColor` shows the old color, ms. */
export const flashTime = 200;

const lowest = 1;

export interface LightOptions {
  clock: SimulatorClock;
  color?: LampColor | undefined;
  /** Range of the color temperature in mired. */
  mired?: readonly [min: number, max: number] | undefined;
  quirks: LampQuirks;
  changed(): void;
}

/** A lamp: its level and color, how they change over time, and what was to be seen of it. */
export class Light {
  /** What the lamp says of itself; with some quirks something else than it shows. */
  on = false;
  level = 254;
  color: LampColor | undefined;
  quirks: LampQuirks;
  /** Everything it showed, oldest first. */
  readonly history: ({ at: number } & LampState)[] = [];
  readonly #options: LightOptions;
  readonly #timers: Timers;
  readonly #levelFade: Fade;
  readonly #colorFade: Fade;
  #levelBeforeOff = 254;
  #glowsThoughOff = false;
  /** The color that comes out first when it is switched on. */
  #cachedColor: LampColor | undefined;

  constructor(options: LightOptions) {
    this.#options = options;
    this.quirks = options.quirks;
    this.color = options.color;
    this.#timers = new Timers(options.clock);
    this.#levelFade = new Fade(this.#timers, ([level = lowest]) => this.#set({ level }));
    this.#colorFade = new Fade(this.#timers, (values) => this.#set({ color: asColor(this.color, values) }));
    this.#record();
  }

  get state(): LampState {
    return { lit: this.on || this.#glowsThoughOff, level: this.level, color: this.#cachedColor ?? this.color };
  }

  /** Tenths of a second until the brightness or color is where it should be. */
  get remainingTime(): number {
    return Math.max(this.#levelFade.remaining, this.#colorFade.remaining);
  }

  switch(on: boolean): void {
    this.#glowsThoughOff = false;
    if (this.on && !on) {
      this.#levelFade.stop();
      this.#colorFade.stop();
    }
    if (!this.on && on) this.#showCachedColor();
    this.on = on;
    this.#record();
  }

  /** Level 0 or 1 with on/off is off at the end of the fade. */
  moveToLevel(level: number, { tenths, withOnOff, evenIfOff }: { tenths: number; withOnOff: boolean; evenIfOff: boolean }): void {
    const goal = Math.min(254, Math.max(lowest, level));
    const endsOff = withOnOff && level <= lowest;
    if (this.on || (withOnOff && !endsOff)) this.#fadeLevel(goal, { tenths, endsOff });
    else if (endsOff) this.#fadeToOffWhileOff();
    else if (evenIfOff) this.#set({ level: goal });
  }

  moveToColor(color: LampColor, { tenths, evenIfOff }: { tenths: number; evenIfOff: boolean }): void {
    if (!this.color || (!this.on && !evenIfOff)) return;
    const goal = this.#withinRange(color);
    if (!this.on) {
      if (this.quirks.flashesCachedColor) this.#cachedColor ??= this.color;
      this.#set({ color: goal });
      return;
    }
    this.#cachedColor = undefined;
    if (this.quirks.oneTransition) this.#levelFade.stop();
    const sameKind = 'mired' in goal === 'mired' in this.color;
    const from = sameKind ? asNumbers(this.color) : asNumbers(goal);
    this.color = sameKind ? this.color : goal;
    this.#colorFade.start({ from, to: asNumbers(goal), tenths });
  }

  stopFading(what: 'level' | 'color'): void {
    if (what === 'level') this.#levelFade.stop();
    else this.#colorFade.stop();
  }

  /** Power is gone. */
  darken(): void {
    this.#timers.cancelAll();
    this.#levelFade.stop();
    this.#colorFade.stop();
    this.on = false;
    this.#glowsThoughOff = false;
    this.#record();
  }

  #fadeLevel(goal: number, { tenths, endsOff }: { tenths: number; endsOff: boolean }): void {
    if (this.quirks.oneTransition) this.#colorFade.stop();
    const before = this.level;
    if (!this.on) {
      this.level = lowest;
      this.switch(true);
    }
    const onEnd = endsOff ? () => this.#endOff(before) : undefined;
    this.#levelFade.start({ from: [this.level], to: [goal], tenths, ...(onEnd && { onEnd }) });
  }

  #fadeToOffWhileOff(): void {
    if (!this.quirks.offAgainShines) return;
    this.#glowsThoughOff = !this.#glowsThoughOff;
    this.#set({ level: lowest });
  }

  #endOff(levelBefore: number): void {
    this.#levelBeforeOff = levelBefore;
    this.on = false;
    if (!this.quirks.forgetsLevel) this.level = this.#levelBeforeOff;
    this.#record();
  }

  #showCachedColor(): void {
    if (!this.#cachedColor) return;
    this.#timers.after(flashTime, () => {
      this.#cachedColor = undefined;
      this.#record();
    });
  }

  #withinRange(color: LampColor): LampColor {
    const range = this.#options.mired;
    return 'mired' in color && range ? { mired: Math.min(range[1], Math.max(range[0], color.mired)) } : color;
  }

  #set(change: Partial<Pick<Light, 'level' | 'color'>>): void {
    Object.assign(this, change);
    this.#record();
  }

  #record(): void {
    const state = this.state;
    const last = this.history.at(-1);
    if (!last || JSON.stringify({ ...last, at: 0 }) !== JSON.stringify({ at: 0, ...state })) {
      this.history.push({ at: this.#options.clock.mono(), ...state });
    }
    this.#options.changed();
  }
}

const asNumbers = (color: LampColor): number[] => ('mired' in color ? [color.mired] : [color.x, color.y]);

function asColor(like: LampColor | undefined, values: readonly number[]): LampColor | undefined {
  const [first = 0, second = 0] = values;
  return like && ('mired' in like ? { mired: first } : { x: first, y: second });
}
