import { clipToGamut, type Gamut } from '../../daemon/devices/color.ts';
import type { Attributes, Capabilities } from '../../daemon/devices/device.ts';
import type { HueLight, HueLightUpdate } from './resources.ts';

/** ms; `dynamics.duration` of a PUT may not be longer (openhue-api, `Dynamics.yaml`). */
const LONGEST_TRANSITION = 6_000_000;

/** Of lamps that do not say: Hue's own white range (aiohue, `MirekSchema`). */
const DEFAULT_MIREK = { min: 153, max: 500 };

/** % at which a lamp still glows, where it does not say. */
const DEFAULT_MIN_DIM_LEVEL = 0.4;

/** Color temperature is the reciprocal megakelvin on the wire: mirek = 1,000,000 / K. */
const reciprocal = (value: number): number => Math.round(1e6 / value);

/** Some lamps of other makers say 0 and 65535. */
function mirekRange({ color_temperature }: HueLight): { min: number; max: number } {
  const { mirek_minimum, mirek_maximum } = color_temperature?.mirek_schema ?? {};
  return {
    min: mirek_minimum ? mirek_minimum : DEFAULT_MIREK.min,
    max: mirek_maximum && mirek_maximum < 65_535 ? mirek_maximum : DEFAULT_MIREK.max,
  };
}

function gamutOf({ color }: HueLight): Gamut | undefined {
  return color?.gamut && [color.gamut.red, color.gamut.green, color.gamut.blue];
}

/** A plug has `on` alone, a white lamp `on` and `dimming`, and so forth: a feature that is absent cannot be set. */
export function capabilitiesOf(light: HueLight): Capabilities {
  const { min, max } = mirekRange(light);
  const gamut = gamutOf(light);
  return {
    ...(light.on && { on: true }),
    ...(light.dimming && { brightness: { min: light.dimming.min_dim_level || DEFAULT_MIN_DIM_LEVEL } }),
    ...(light.color_temperature && { colorTemperature: { min: reciprocal(max), max: reciprocal(min) } }),
    ...(light.color && { color: gamut ? { gamut } : {} }),
  };
}

/** What the lamp shows. A bridge gives an xy also for whites; it counts as a color only when the lamp is off the white curve. */
export function attributesOf({ on, dimming, color_temperature, color }: HueLight): Attributes {
  const mirek = color_temperature?.mirek_valid === false ? undefined : color_temperature?.mirek;
  return {
    ...(on && { on: on.on }),
    ...(dimming && { brightness: dimming.brightness }),
    ...(mirek ? { colorTemperature: reciprocal(mirek) } : color && { color: { x: color.xy.x, y: color.xy.y } }),
  };
}

/** Attributes that an update speaks of, with their values as they are after it. */
export function attributesIn(update: HueLightUpdate, light: HueLight): Attributes {
  const { on, brightness, ...tint } = attributesOf(light);
  return {
    ...(update.on && { on }),
    ...(update.dimming && { brightness }),
    ...((update.color || update.color_temperature) && tint),
  };
}

/** An update names only what changed, feature by feature. */
export function updated(light: HueLight, update: HueLightUpdate): HueLight {
  return {
    ...light,
    ...(update.on && { on: update.on }),
    ...(update.dimming && { dimming: { ...light.dimming, ...update.dimming } }),
    ...(update.color_temperature && { color_temperature: { ...light.color_temperature, ...update.color_temperature } }),
    ...(update.color && { color: { ...light.color, ...update.color } }),
  };
}

/**
 * The body of `PUT /clip/v2/resource/light/<id>`: what the lamp can do of these attributes, in its own range. Off goes
 * alone, since anything along with it would be answered as without effect.
 * @param transition seconds
 * @returns undefined if the lamp can do nothing of it
 */
export function putFor(attributes: Attributes, transition: number, light: HueLight): object | undefined {
  const body = {
    ...(attributes.on !== undefined && light.on && { on: { on: attributes.on } }),
    ...(attributes.on !== false && shownBy(attributes, light)),
  };
  if (Object.keys(body).length === 0) return undefined;
  const duration = Math.min(LONGEST_TRANSITION, Math.max(0, Math.round(transition * 1000)));
  return light.dimming ? { ...body, dynamics: { duration } } : body;
}

function shownBy({ brightness, color, colorTemperature }: Attributes, light: HueLight): object {
  const { min, max } = mirekRange(light);
  const gamut = gamutOf(light);
  return {
    ...(brightness !== undefined && light.dimming && { dimming: { brightness } }),
    ...(color && light.color
      ? { color: { xy: gamut ? clipToGamut(color, gamut) : color } }
      : colorTemperature !== undefined &&
        light.color_temperature && { color_temperature: { mirek: Math.min(max, Math.max(min, reciprocal(colorTemperature))) } }),
  };
}
