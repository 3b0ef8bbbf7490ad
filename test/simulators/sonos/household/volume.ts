import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import { UpnpFault } from '../wire/soap.ts';

export type RampType = 'SLEEP_TIMER_RAMP_TYPE' | 'ALARM_RAMP_TYPE' | 'AUTOPLAY_RAMP_TYPE';

/** Steps per second, whether the volume begins at 0, and for how long it stays there, ms. */
const ramps: Readonly<Record<RampType, { rate: number; fromZero: boolean; wait: number }>> = {
  SLEEP_TIMER_RAMP_TYPE: { rate: 1.25, fromZero: false, wait: 0 },
  ALARM_RAMP_TYPE: { rate: 2.5, fromZero: true, wait: 30_000 },
  AUTOPLAY_RAMP_TYPE: { rate: 50, fromZero: true, wait: 0 },
};

export const isRampType = (name: string): name is RampType => Object.hasOwn(ramps, name);

const clamp = (volume: number): number => Math.min(100, Math.max(0, volume));

/** The volume and mute of one player, 0..100, with ramps that step by the clock. */
export class Volume {
  muted = false;
  /** Line-out at its full level, which the player refuses to change. */
  readonly fixed: boolean;
  readonly #timers: Timers;
  readonly #onStep: () => void;
  #level: number;
  #ramp: { target: number; before: number; timer: { cancel(): void } } | undefined;

  constructor({ clock, level, onStep }: { clock: SimulatorClock; level: number | 'fixed'; onStep: () => void }) {
    this.#timers = new Timers(clock);
    this.fixed = level === 'fixed';
    this.#level = level === 'fixed' ? 100 : level;
    this.#onStep = onStep;
  }

  get level(): number {
    return this.#level;
  }

  /** Where a ramp that is under way will end. */
  get rampTarget(): number | undefined {
    return this.#ramp?.target;
  }

  /** Ends a ramp under way, as anything does that sets the volume. */
  set(volume: number): void {
    if (this.fixed) throw new UpnpFault(501, 'the line-out level is fixed');
    this.#endRamp();
    this.#level = clamp(volume);
  }

  change(by: number): number {
    this.set(this.#level + by);
    return this.#level;
  }

  /** Gives the time that the ramp takes, s, rounded down, without the time it waits. */
  ramp(type: RampType, target: number): number {
    const { rate, fromZero, wait } = ramps[type];
    const before = this.#level;
    this.set(fromZero ? 0 : before);
    const distance = Math.abs(target - this.#level);
    if (distance > 0) this.#ramp = { target, before, timer: this.#timers.after(wait + 1000 / rate, () => this.#step(1000 / rate)) };
    return Math.floor(distance / rate);
  }

  /** Back to where the last ramp began; nothing where none is under way. */
  restoreBeforeRamp(): void {
    if (this.#ramp) this.set(this.#ramp.before);
  }

  close(): void {
    this.#timers.cancelAll();
  }

  #step(every: number): void {
    if (!this.#ramp) return;
    this.#level += Math.sign(this.#ramp.target - this.#level);
    if (this.#level === this.#ramp.target) this.#ramp = undefined;
    else this.#ramp.timer = this.#timers.after(every, () => this.#step(every));
    this.#onStep();
  }

  #endRamp(): void {
    this.#ramp?.timer.cancel();
    this.#ramp = undefined;
  }
}
