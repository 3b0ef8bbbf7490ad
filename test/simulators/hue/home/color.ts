export interface Xy {
  x: number;
  y: number;
}

export interface Gamut {
  red: Xy;
  green: Xy;
  blue: Xy;
}

export type GamutType = 'A' | 'B' | 'C';

/** As bridges report them: A of the first color lamps without white, B of the first with it, C of the current ones. */
export const gamuts: Record<GamutType, Gamut> = {
  A: { red: { x: 0.704, y: 0.296 }, green: { x: 0.2151, y: 0.7106 }, blue: { x: 0.138, y: 0.08 } },
  B: { red: { x: 0.675, y: 0.322 }, green: { x: 0.409, y: 0.518 }, blue: { x: 0.167, y: 0.04 } },
  C: { red: { x: 0.6915, y: 0.3083 }, green: { x: 0.17, y: 0.7 }, blue: { x: 0.1532, y: 0.0475 } },
};

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
const fourDecimals = (value: number): number => Math.round(value * 1e4) / 1e4;

/**
 * Brightness as the bridge gives it back: 254 ZigBee levels make steps of 100/253 %, shown with two decimals. Recorded:
 * 20.0 comes back as 20.16, 50.0 as 49.8 (so a half goes down). 0 becomes the lowest level, not off.
 */
export function reportedBrightness(percent: number): number {
  const step = clamp(Math.ceil(percent * 2.53 - 0.5), 1, 253);
  return Math.round((step / 253) * 1e4) / 100;
}

/** The point of the gamut nearest to `wish`, with the four decimals that a bridge reports. */
export function reportedXy(wish: Xy, gamut: Gamut): Xy {
  const { red, green, blue } = gamut;
  const nearest = inside(wish, gamut)
    ? wish
    : [nearestOn(red, green, wish), nearestOn(green, blue, wish), nearestOn(blue, red, wish)].reduce((best, each) =>
        distance(each, wish) < distance(best, wish) ? each : best,
      );
  return { x: fourDecimals(nearest.x), y: fourDecimals(nearest.y) };
}

/**
 * The point of the Planckian locus for a color temperature: cubic approximation of Kim et al., US patent 7024034 (2006),
 * valid from 1667 K to 25000 K. A lamp reported (0.4578, 0.41) for 367 mirek; this is within 0.0006 of that.
 */
export function mirekToXy(mirek: number): Xy {
  const kilo = mirek / 1e3;
  const x =
    mirek > 250
      ? -0.2661239 * kilo ** 3 - 0.2343589 * kilo ** 2 + 0.8776956 * kilo + 0.17991
      : -3.0258469 * kilo ** 3 + 2.1070379 * kilo ** 2 + 0.2226347 * kilo + 0.24039;
  return { x: fourDecimals(x), y: fourDecimals(locusY(x, mirek)) };
}

function locusY(x: number, mirek: number): number {
  if (mirek > 450) return -1.1063814 * x ** 3 - 1.3481102 * x ** 2 + 2.18555832 * x - 0.20219683;
  if (mirek > 250) return -0.9549476 * x ** 3 - 1.37418593 * x ** 2 + 2.09137015 * x - 0.16748867;
  return 3.081758 * x ** 3 - 5.8733867 * x ** 2 + 3.75112997 * x - 0.37001483;
}

const distance = (a: Xy, b: Xy): number => Math.hypot(a.x - b.x, a.y - b.y);
const cross = (a: Xy, b: Xy, point: Xy): number => (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x);

function inside(point: Xy, { red, green, blue }: Gamut): boolean {
  return cross(red, green, point) >= 0 && cross(green, blue, point) >= 0 && cross(blue, red, point) >= 0;
}

function nearestOn(from: Xy, to: Xy, point: Xy): Xy {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const share = clamp(((point.x - from.x) * dx + (point.y - from.y) * dy) / (dx * dx + dy * dy), 0, 1);
  return { x: from.x + share * dx, y: from.y + share * dy };
}
