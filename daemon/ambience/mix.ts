import type { Attributes, Xy } from '../devices/device.ts';
import { chromaticity, type Slot } from './slots.ts';

/** A value of one slot, and how much it counts. */
export interface Part {
  value: Attributes;
  weight: number;
}

/**
 * One value for several of the same slot: numbers are averaged by weight, whites by their reciprocal temperature (mired: equal steps
 * look equal; Judd 1933, JOSA 23(1):7), colors in the xy plane. What has no middle is taken from the heaviest, of equals the last.
 */
export function mix(slot: Slot, parts: readonly Part[]): Attributes {
  switch (slot) {
    case 'brightness':
    case 'volume':
    case 'setpoint':
      return { [slot]: average(parts.map(({ value, weight }) => ({ number: value[slot] ?? 0, weight }))) };
    case 'chroma':
      return mixChroma(parts);
    default:
      return heaviest(parts);
  }
}

function mixChroma(parts: readonly Part[]): Attributes {
  const whites = parts.flatMap(({ value: { colorTemperature }, weight }) =>
    colorTemperature === undefined ? [] : [{ colorTemperature, weight }],
  );
  if (whites.length === parts.length) {
    const mired = average(whites.map(({ colorTemperature, weight }) => ({ number: 1e6 / colorTemperature, weight })));
    return { colorTemperature: Math.round(1e6 / mired) };
  }
  const colors = parts.flatMap(({ value, weight }): { color: Xy; weight: number }[] => {
    const color = chromaticity(value);
    return color ? [{ color, weight }] : [];
  });
  const along = (axis: keyof Xy): number => average(colors.map(({ color, weight }) => ({ number: color[axis], weight })));
  return { color: { x: along('x'), y: along('y') } };
}

function average(numbers: readonly { number: number; weight: number }[]): number {
  const total = numbers.reduce((sum, { weight }) => sum + weight, 0);
  return numbers.reduce((sum, { number, weight }) => sum + number * (weight / total), 0);
}

function heaviest(parts: readonly Part[]): Attributes {
  return parts.reduce((best, each) => (each.weight >= best.weight ? each : best)).value;
}
