import type { Xy } from '../../daemon/devices/device.ts';

/** sRGB, each 0..255. */
export interface Rgb {
  r: number;
  g: number;
  b: number;
}

/** Hue 0..360 degrees, saturation 0..1, of HSV at full value. */
export interface HueSaturation {
  hue: number;
  saturation: number;
}

type Linear = [r: number, g: number, b: number];

/** Shortest and longest colour temperature for which `kelvinToXy` is defined, K. */
export const KELVIN_RANGE = { min: 1667, max: 25_000 } as const;

/**
 * The color of a chromaticity at the greatest brightness that sRGB can show. What lies outside of sRGB is clipped to its
 * edge, channel by channel. Matrix and transfer curve: IEC 61966-2-1 (sRGB, white point D65).
 */
export function xyToRgb({ x, y }: Xy): Rgb {
  const safeY = Math.max(y, 1e-4);
  const X = x / safeY;
  const Z = (1 - x - safeY) / safeY;
  const linear: Linear = [
    3.2404542 * X - 1.5371385 - 0.4985314 * Z,
    -0.969266 * X + 1.8760108 + 0.041556 * Z,
    0.0556434 * X - 0.2040259 + 1.0572252 * Z,
  ];
  const brightest = Math.max(...linear, 1e-6);
  return encode(linear.map((channel) => Math.max(0, channel) / brightest) as Linear);
}

/** The chromaticity of an sRGB color. Black has none: it answers with the white point. */
export function rgbToXy(rgb: Rgb): Xy {
  const [r, g, b] = decode(rgb);
  const X = 0.4124564 * r + 0.3575761 * g + 0.1804375 * b;
  const Y = 0.2126729 * r + 0.7151522 * g + 0.072175 * b;
  const Z = 0.0193339 * r + 0.119192 * g + 0.9503041 * b;
  const sum = X + Y + Z;
  return sum === 0 ? { x: 0.3127, y: 0.329 } : { x: X / sum, y: Y / sum };
}

/**
 * The point of the Planckian locus for a color temperature, by the cubic approximation of Kim et al. (US patent
 * 7,024,034, 2006), defined for 1667..25,000 K; temperatures beyond are taken as the nearest of these.
 */
export function kelvinToXy(kelvin: number): Xy {
  const T = Math.min(KELVIN_RANGE.max, Math.max(KELVIN_RANGE.min, kelvin));
  const x =
    T <= 4000
      ? -0.2661239e9 / T ** 3 - 0.2343589e6 / T ** 2 + 0.8776956e3 / T + 0.17991
      : -3.0258469e9 / T ** 3 + 2.1070379e6 / T ** 2 + 0.2226347e3 / T + 0.24039;
  return { x, y: locusY(T, x) };
}

export function kelvinToRgb(kelvin: number): Rgb {
  return xyToRgb(kelvinToXy(kelvin));
}

export function hueSaturationToXy(color: HueSaturation): Xy {
  return rgbToXy(hueSaturationToRgb(color));
}

/** HSV to sRGB at full value (Smith 1978, "Color gamut transform pairs"). */
export function hueSaturationToRgb({ hue, saturation }: HueSaturation): Rgb {
  const channel = (offset: number): number => {
    const k = (offset + hue / 60) % 6;
    return Math.round(255 * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return { r: channel(5), g: channel(3), b: channel(1) };
}

export function xyToHueSaturation(xy: Xy): HueSaturation {
  const { r, g, b } = xyToRgb(xy);
  const max = Math.max(r, g, b);
  const span = max - Math.min(r, g, b);
  if (span === 0) return { hue: 0, saturation: 0 };
  const sector = max === r ? ((g - b) / span + 6) % 6 : max === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return { hue: sector * 60, saturation: span / max };
}

/** The color of a lamp seen at a share of its brightness: dimmed in linear light, never to black, since a lamp that is on glows. */
export function dim(rgb: Rgb, share: number): Rgb {
  const factor = 0.3 + 0.7 * Math.min(1, Math.max(0, share));
  return encode(decode(rgb).map((channel) => channel * factor) as Linear);
}

export function css({ r, g, b }: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

function locusY(T: number, x: number): number {
  if (T <= 2222) return -1.1063814 * x ** 3 - 1.3481102 * x ** 2 + 2.18555832 * x - 0.20219683;
  if (T <= 4000) return -0.9549476 * x ** 3 - 1.37418593 * x ** 2 + 2.09137015 * x - 0.16748867;
  return 3.081758 * x ** 3 - 5.8733867 * x ** 2 + 3.75112997 * x - 0.37001483;
}

function encode([r, g, b]: Linear): Rgb {
  const channel = (u: number): number => Math.round(255 * (u <= 0.0031308 ? 12.92 * u : 1.055 * u ** (1 / 2.4) - 0.055));
  return { r: channel(r), g: channel(g), b: channel(b) };
}

function decode({ r, g, b }: Rgb): Linear {
  const channel = (value: number): number => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  return [channel(r), channel(g), channel(b)];
}
