import type { Xy } from '../devices/device.ts';

/**
 * Chromaticity of a black body, 1667 to 25000 K; outside, the nearest end. Cubic fit of Kang et al. (2002), "Design of advanced
 * color temperature control system for HDTV applications", Journal of the Korean Physical Society 41(6), 865-871.
 */
export function kelvinToXy(kelvin: number): Xy {
  const t = Math.min(25_000, Math.max(1667, kelvin));
  const x =
    t <= 4000
      ? -0.2661239e9 / t ** 3 - 0.2343589e6 / t ** 2 + 0.8776956e3 / t + 0.17991
      : -3.0258469e9 / t ** 3 + 2.1070379e6 / t ** 2 + 0.2226347e3 / t + 0.24039;
  return { x, y: locusY(x, t) };
}

function locusY(x: number, t: number): number {
  if (t <= 2222) return -1.1063814 * x ** 3 - 1.3481102 * x ** 2 + 2.18555832 * x - 0.20219683;
  if (t <= 4000) return -0.9549476 * x ** 3 - 1.37418593 * x ** 2 + 2.09137015 * x - 0.16748867;
  return 3.081758 * x ** 3 - 5.8733867 * x ** 2 + 3.75112997 * x - 0.37001483;
}

type Rgb = readonly [number, number, number];

/** Linear sRGB 0..1, the largest 1 (IEC 61966-2-1); what lies outside its gamut is cut to it. */
export function linearRgb({ x, y }: Xy): Rgb {
  const safeY = Math.max(1e-6, y);
  const [X, Z] = [x / safeY, (1 - x - safeY) / safeY];
  const linear = [3.2406 * X - 1.5372 - 0.4986 * Z, -0.9689 * X + 1.8758 + 0.0415 * Z, 0.0557 * X - 0.204 + 1.057 * Z].map((each) =>
    Math.max(0, each),
  );
  const peak = Math.max(...linear, 1e-6);
  const [red = 0, green = 0, blue = 0] = linear.map((each) => each / peak);
  return [red, green, blue];
}

/** sRGB 0..255 at full brightness. */
function toRgb(color: Xy): Rgb {
  const [red, green, blue] = linearRgb(color);
  return [255 * gamma(red), 255 * gamma(green), 255 * gamma(blue)];
}

const gamma = (value: number): number => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** Distance of two chromaticities as a person would judge it, 0 to about 765: "redmean" (https://www.compuphase.com/cmetric.htm). */
export function redmean(a: Xy, b: Xy): number {
  const [one, other] = [toRgb(a), toRgb(b)];
  const mean = (one[0] + other[0]) / 2;
  const [dr, dg, db] = [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
  return Math.sqrt((2 + mean / 256) * dr ** 2 + 4 * dg ** 2 + (2 + (255 - mean) / 256) * db ** 2);
}
