import type { Xy } from './device.ts';

/** Corners red, green, blue of what a lamp can show. */
export type Gamut = readonly [Xy, Xy, Xy];

/**
 * The nearest chromaticity inside a lamp's gamut, by Euclidean distance in the xy plane, as the vendor advises for
 * colors a lamp cannot reach (https://developers.meethue.com/develop/application-design-guidance/color-conversion-formulas-rgb-to-xy-and-back/).
 */
export function clipToGamut(point: Xy, [red, green, blue]: Gamut): Xy {
  if (inside(point, [red, green, blue])) return point;
  const candidates = [nearest(point, red, green), nearest(point, green, blue), nearest(point, blue, red)];
  return candidates.reduce((best, each) => (distance(point, each) < distance(point, best) ? each : best));
}

function inside(point: Xy, [red, green, blue]: Gamut): boolean {
  const sides = [side(point, red, green), side(point, green, blue), side(point, blue, red)];
  return sides.every((each) => each >= 0) || sides.every((each) => each <= 0);
}

/** Twice the signed area of the triangle: positive on the left of the line from `a` to `b`. */
const side = (point: Xy, a: Xy, b: Xy): number => (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x);

function nearest(point: Xy, a: Xy, b: Xy): Xy {
  const along = { x: b.x - a.x, y: b.y - a.y };
  const length = along.x ** 2 + along.y ** 2;
  const share = length === 0 ? 0 : ((point.x - a.x) * along.x + (point.y - a.y) * along.y) / length;
  const clamped = Math.min(1, Math.max(0, share));
  return { x: a.x + clamped * along.x, y: a.y + clamped * along.y };
}

const distance = (a: Xy, b: Xy): number => Math.hypot(a.x - b.x, a.y - b.y);
