import type { DeviceView } from '../../daemon/api/views.ts';
import { dim, kelvinToRgb, type Rgb, xyToRgb } from './convert.ts';

/** What an ordinary warm white lamp gives that cannot say its color, K. */
const PLAIN_LAMP = 2700;

export type ColorMode = 'color' | 'white';

/**
 * Whether the lamp shows a color or a white. A lamp that reports both a color and a color temperature is taken at its
 * color (bridges keep it up to date in either mode), unless only the temperature is claimed.
 */
export function colorMode({ values, why }: Pick<DeviceView, 'values' | 'why'>): ColorMode {
  if (!values.color) return 'white';
  if (values.colorTemperature === undefined) return 'color';
  const claimed = (attribute: 'color' | 'colorTemperature'): boolean => why[attribute]?.some((entry) => entry.wins) ?? false;
  return claimed('colorTemperature') && !claimed('color') ? 'white' : 'color';
}

/** The light that a lamp gives now; null where it gives none or nobody knows. */
export function lampLight(device: Pick<DeviceView, 'values' | 'why' | 'available'>): { rgb: Rgb; brightness: number } | null {
  const { values } = device;
  if (!device.available || values.on === false) return null;
  const brightness = values.brightness ?? 100;
  const full = colorMode(device) === 'color' && values.color ? xyToRgb(values.color) : kelvinToRgb(values.colorTemperature ?? PLAIN_LAMP);
  return { rgb: dim(full, brightness / 100), brightness };
}
