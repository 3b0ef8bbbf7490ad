import type { Xy } from '../../daemon/devices/device.ts';

/** Degrees and percent, as lamps take them that know no xy. */
export interface HueAndSaturation {
  hue: number;
  saturation: number;
}

/** Rows of the matrix from linear sRGB to CIE XYZ, and of its inverse (IEC 61966-2-1). */
const TO_XYZ = [
  [0.4124, 0.3576, 0.1805],
  [0.2126, 0.7152, 0.0722],
  [0.0193, 0.1192, 0.9505],
] as const;
const FROM_XYZ = [
  [3.2406, -1.5372, -0.4986],
  [-0.9689, 1.8758, 0.0415],
  [0.0557, -0.204, 1.057],
] as const;

type Triple = readonly [number, number, number];

const times = (matrix: readonly Triple[], [a, b, c]: Triple): number[] => matrix.map(([x, y, z]) => x * a + y * b + z * c);

const companded = (value: number): number => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** The brightest sRGB color of this chromaticity; one beyond sRGB becomes its most saturated neighbor. */
export function hueAndSaturation({ x, y }: Xy): HueAndSaturation {
  const xyz: Triple = y === 0 ? [0, 0, 0] : [x / y, 1, (1 - x - y) / y];
  const light = times(FROM_XYZ, xyz).map((value) => Math.max(0, value));
  const brightest = Math.max(...light) || 1;
  const rgb = light.map((value) => companded(value / brightest)) as [number, number, number];
  const range = Math.max(...rgb) - Math.min(...rgb);
  if (range === 0) return { hue: 0, saturation: 0 };
  return { hue: Math.round(60 * sector(rgb, range)) % 360, saturation: Math.round(range * 100) };
}

/** Sixths of the circle from red. */
function sector([red, green, blue]: Triple, range: number): number {
  if (red >= green && red >= blue) return ((green - blue) / range + 6) % 6;
  return green >= blue ? 2 + (blue - red) / range : 4 + (red - green) / range;
}

/** Chromaticity of a full-bright color of sRGB. */
export function xyOf({ hue, saturation }: HueAndSaturation): Xy {
  const share = (offset: number): number => {
    const sixth = (offset + hue / 60) % 6;
    return 1 - (saturation / 100) * Math.max(0, Math.min(sixth, 4 - sixth, 1));
  };
  const [x = 0, y = 0, z = 0] = times(TO_XYZ, [linear(share(5)), linear(share(3)), linear(share(1))]);
  const sum = x + y + z;
  return { x: x / sum, y: y / sum };
}
