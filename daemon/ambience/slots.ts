import type { AttributeName, Attributes, Xy } from '../devices/device.ts';
import { kelvinToXy, redmean } from './chroma.ts';

/**
 * What claims compete for. Color and color temperature are one slot: a lamp shows a white or a color, and whoever wishes
 * for one of them wishes the other away.
 */
export const SLOTS = [
  'on',
  'brightness',
  'chroma',
  'effect',
  'volume',
  'mute',
  'transport',
  'favorite',
  'shuffle',
  'group',
  'setpoint',
] as const;
export type Slot = (typeof SLOTS)[number];

const SLOT_OF: Record<AttributeName, Slot> = {
  on: 'on',
  brightness: 'brightness',
  colorTemperature: 'chroma',
  color: 'chroma',
  effect: 'effect',
  volume: 'volume',
  mute: 'mute',
  transport: 'transport',
  favorite: 'favorite',
  shuffle: 'shuffle',
  group: 'group',
  setpoint: 'setpoint',
};

export const slotOf = (name: AttributeName): Slot => SLOT_OF[name];

/** What is heard only while a player plays. */
export const MUSIC_SLOTS: readonly Slot[] = ['favorite', 'shuffle'];

/** What shows only while a lamp is on. */
export const LIGHT_SLOTS: readonly Slot[] = ['brightness', 'chroma', 'effect'];

export const attributeNames = (attributes: Partial<Record<AttributeName, unknown>>): AttributeName[] =>
  Object.keys(attributes) as AttributeName[];

export const slotsOf = (attributes: Attributes): Set<Slot> => new Set(attributeNames(attributes).map(slotOf));

/** The attributes of one slot. */
export const pick = (attributes: Attributes, slot: Slot): Attributes => filter(attributes, (each) => each === slot);

/** The attributes without those of some slots. */
export const omit = (attributes: Attributes, slots: ReadonlySet<Slot>): Attributes => filter(attributes, (each) => !slots.has(each));

function filter(attributes: Attributes, keep: (slot: Slot) => boolean): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => keep(slotOf(name as AttributeName))));
}

/** How large a difference must be to count. */
export interface Tolerance {
  /** Percent */
  brightness: number;
  kelvin: number;
  /** See chroma.ts */
  redmean: number;
  /** Percent */
  volume: number;
  /** °C */
  setpoint: number;
}

/**
 * What a person would notice, and so what tells a hand from rounding and drift; the first three as adaptive-lighting
 * has them (https://github.com/basnijholt/adaptive-lighting, "significant change").
 */
export const NOTICEABLE: Tolerance = { brightness: (25 / 255) * 100, kelvin: 100, redmean: 80, volume: 4, setpoint: 0.5 };

/** What devices round to (Hue: 1/254 and 1 mirek, 25 K at 5000 K): a person's own wish is carried out down to here. */
export const ROUNDING: Tolerance = { brightness: 0.4, kelvin: 25, redmean: 5, volume: 0.5, setpoint: 0.1 };

/**
 * Whether two values of the same slot differ by more than the tolerance; a missing value differs from every other. Paused and stopped are
 * the same silence: a stream that is paused says that it stopped.
 */
export function differs(slot: Slot, [a, b]: readonly [Attributes, Attributes], tolerance: Tolerance): boolean {
  switch (slot) {
    case 'brightness':
      return far(a.brightness, b.brightness, tolerance.brightness);
    case 'volume':
      return far(a.volume, b.volume, tolerance.volume);
    case 'setpoint':
      return far(a.setpoint, b.setpoint, tolerance.setpoint);
    case 'transport':
      return !a.transport || !b.transport || (a.transport === 'playing') !== (b.transport === 'playing');
    case 'chroma':
      return chromaDiffers(a, b, tolerance);
    default:
      return a[slot] !== b[slot];
  }
}

/** Values of one slot without those that a device would round to one that came before. */
export const distinct = (slot: Slot, values: readonly Attributes[]): Attributes[] =>
  values.filter((value, i) => !values.slice(0, i).some((earlier) => !differs(slot, [value, earlier], ROUNDING)));

/** The chromaticity that a lamp shows, whichever way it is given. */
export function chromaticity({ color, colorTemperature }: Attributes): Xy | undefined {
  return color ?? (colorTemperature === undefined ? undefined : kelvinToXy(colorTemperature));
}

function chromaDiffers(a: Attributes, b: Attributes, tolerance: Tolerance): boolean {
  if (!a.color && !b.color) return far(a.colorTemperature, b.colorTemperature, tolerance.kelvin);
  const [one, other] = [chromaticity(a), chromaticity(b)];
  return !one || !other || redmean(one, other) > tolerance.redmean;
}

const far = (a: number | undefined, b: number | undefined, tolerance: number): boolean =>
  a === undefined || b === undefined ? a !== b : Math.abs(a - b) > tolerance;
