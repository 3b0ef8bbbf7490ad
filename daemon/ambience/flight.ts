import type { Attributes } from '../devices/device.ts';
import { chromaticity, differs, NOTICEABLE, type Slot } from './slots.ts';

/** A change of one attribute that we asked for and that may still be under way. */
export interface Flight {
  command: string;
  /** Where the change may begin: where the attribute stood, and whatever was under way or came in between. */
  origins: Attributes[];
  /** What was asked for. */
  to?: Attributes;
  /** Where a side effect leads, such as the dimming of a lamp that goes off: explains values on the way, asks for none. */
  between?: Attributes;
  /** Explains reports before this moment: ms of CLOCK_MONOTONIC. */
  until: number;
  /** A person took the attribute over meanwhile. */
  overtaken: boolean;
  /** The device was seen where it was to go. */
  shown?: true;
  /** It was carried out all the same, which was told. */
  overran?: true;
}

interface Sighting {
  flight: Flight;
  value: Attributes;
}

export const isTarget = (slot: Slot, { flight, value }: Sighting): boolean =>
  flight.to !== undefined && !differs(slot, [value, flight.to], NOTICEABLE);

/** Whether a value lies on the way of a transition, with the tolerance of a noticeable difference. */
export function flightExplains(slot: Slot, { flight, value }: Sighting): boolean {
  const to = flight.to ?? flight.between;
  return to !== undefined && flight.origins.some((from) => isOnTheWay(slot, value, [from, to]));
}

function isOnTheWay(slot: Slot, value: Attributes, [from, to]: readonly [Attributes, Attributes]): boolean {
  switch (slot) {
    case 'brightness':
      return between(value.brightness, [from.brightness, to.brightness], NOTICEABLE.brightness);
    case 'volume':
      return between(value.volume, [from.volume, to.volume], NOTICEABLE.volume);
    case 'chroma':
      return chromaOnTheWay(value, [from, to]);
    default:
      return false;
  }
}

function between(value: number | undefined, [a, b]: readonly [number | undefined, number | undefined], tolerance: number): boolean {
  if (value === undefined || a === undefined || b === undefined) return false;
  return value >= Math.min(a, b) - tolerance && value <= Math.max(a, b) + tolerance;
}

/** Lamps fade along the straight line in the xy plane, or through whites along the black-body locus. */
function chromaOnTheWay(value: Attributes, [from, to]: readonly [Attributes, Attributes]): boolean {
  const whites = [from, to, value].map((each) => each.colorTemperature);
  if (!whites.includes(undefined)) return between(value.colorTemperature, [from.colorTemperature, to.colorTemperature], NOTICEABLE.kelvin);
  const [a, b, point] = [chromaticity(from), chromaticity(to), chromaticity(value)];
  if (!a || !b || !point) return false;
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const share = length === 0 ? 0 : ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length;
  const along = Math.min(1, Math.max(0, share));
  const nearest = { x: a.x + along * (b.x - a.x), y: a.y + along * (b.y - a.y) };
  return !differs('chroma', [{ color: point }, { color: nearest }], NOTICEABLE);
}
