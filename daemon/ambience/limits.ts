import { z } from 'zod';
import type { Attributes } from '../devices/device.ts';
import type { Clamped } from './arbiter.ts';
import type { Calendar } from './calendar.ts';
import { type DayWindow, windowSchema } from './daytime.ts';
import type { Slot } from './slots.ts';

/** What the automated rungs are held to in a room. A person's own value is never clamped. */
export interface Limits {
  /** 0..100 % */
  brightness: number;
  /** 0..100 % */
  volume: number;
  /** ms that a change from 0 to 100 % takes at least. */
  ramp: number;
  /** ms between two commands to a device. */
  minBetween: number;
  /** Commands to a device. */
  changesPerHour: number;
  quietHours?: QuietHours | undefined;
}

export interface QuietHours extends DayWindow {
  /** 0..100 % */
  brightness: number;
  /** 0..100 % */
  volume: number;
}

/** Our own choices: quick enough to follow a mood, slow enough that a lamp never draws attention to itself. */
export const LIMITS: Limits = { brightness: 100, volume: 60, ramp: 1000, minBetween: 5000, changesPerHour: 30 };

const percent = z.number().min(0).max(100);

/** Schema of the limits, every key optional; how durations are written is the configuration's affair. */
export function limitsSchema(duration: z.ZodType<number, string>) {
  return z.strictObject({
    brightness: percent
      .min(1)
      .optional()
      .meta({ description: 'Highest brightness, percent.', defaultText: `${LIMITS.brightness}` }),
    volume: percent.optional().meta({ description: 'Highest volume, percent.', defaultText: `${LIMITS.volume}` }),
    ramp: duration
      .optional()
      .meta({ description: 'How long a change of brightness or volume from 0 to 100 % takes at least.', defaultText: '`1s`' }),
    minBetween: duration.optional().meta({ description: 'Shortest time between two commands to a device.', defaultText: '`5s`' }),
    changesPerHour: z
      .number()
      .int()
      .min(1)
      .max(3600)
      .optional()
      .meta({ description: 'Commands to a device in an hour.', defaultText: `${LIMITS.changesPerHour}` }),
    quietHours: windowSchema
      .extend({
        brightness: percent.min(1).prefault(30).meta({ description: 'Highest brightness then, percent.' }),
        volume: percent.prefault(15).meta({ description: 'Highest volume then, percent.' }),
      })
      .optional()
      .meta({ description: 'Part of the day in which lamps stay darker and players lower.' }),
  });
}

export type LimitsSpec = z.output<ReturnType<typeof limitsSchema>>;

/** Later ones go before earlier ones, key by key. */
export function limitsOf(...specs: readonly LimitsSpec[]): Limits {
  const given = specs.map((spec) => Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)));
  return Object.assign({ ...LIMITS }, ...given);
}

/** For a device of several rooms: the tighter of each. */
export function strictest(limits: readonly Limits[]): Pick<Limits, 'ramp' | 'minBetween' | 'changesPerHour'> {
  if (limits.length === 0) return LIMITS;
  return {
    ramp: Math.max(...limits.map(({ ramp }) => ramp)),
    minBetween: Math.max(...limits.map(({ minBetween }) => minBetween)),
    changesPerHour: Math.min(...limits.map(({ changesPerHour }) => changesPerHour)),
  };
}

/** A wish of the automated rungs as far as the caps and quiet hours of all rooms of the device allow it. */
export function clampTo(limits: readonly Limits[], calendar: Calendar): (slot: Slot, value: Attributes) => Clamped {
  return (slot, value) => {
    if (slot !== 'brightness' && slot !== 'volume') return { value };
    const wished = value[slot] ?? 0;
    let [allowed, code] = [wished, 'limit.cap' as 'limit.cap' | 'limit.quiet_hours'];
    for (const { quietHours, ...caps } of limits) {
      if (caps[slot] < allowed) [allowed, code] = [caps[slot], 'limit.cap'];
      if (quietHours && quietHours[slot] < allowed && calendar.isWithin(quietHours))
        [allowed, code] = [quietHours[slot], 'limit.quiet_hours'];
    }
    return allowed === wished ? { value } : { value: { [slot]: allowed }, limit: { code, params: { percent: allowed } } };
  };
}

/** Seconds that a transition takes at least, so that no ramp is steeper than allowed. */
export function rampOf(ramp: number, { from, to }: { from: Attributes; to: Attributes }): number {
  const steps = (['brightness', 'volume'] as const).flatMap((name) => {
    const [a, b] = [from[name], to[name]];
    return b === undefined || a === undefined ? [] : [Math.abs(b - a) / 100];
  });
  return (Math.max(0, ...steps) * ramp) / 1000;
}
