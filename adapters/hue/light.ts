import { clipToGamut, type Gamut } from '../../daemon/devices/color.ts';
import type { AttributeName, Attributes, Capabilities } from '../../daemon/devices/device.ts';
import type { HueAction, HueLight, HueUpdate } from './resources.ts';

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

/** Of lamps that name the type of their gamut alone (the maker's, repeated in github.com/benknight/hue-python-rgb-converter). */
const GAMUTS: ReadonlyMap<string, Gamut> = new Map([
  [
    'A',
    [
      { x: 0.704, y: 0.296 },
      { x: 0.2151, y: 0.7106 },
      { x: 0.138, y: 0.08 },
    ],
  ],
  [
    'B',
    [
      { x: 0.675, y: 0.322 },
      { x: 0.409, y: 0.518 },
      { x: 0.167, y: 0.04 },
    ],
  ],
  [
    'C',
    [
      { x: 0.692, y: 0.308 },
      { x: 0.17, y: 0.7 },
      { x: 0.153, y: 0.048 },
    ],
  ],
]);

function gamutOf({ color }: HueLight): Gamut | undefined {
  const { gamut, gamut_type: type = '' } = color ?? {};
  return gamut ? [gamut.red, gamut.green, gamut.blue] : GAMUTS.get(type);
}

/** A plug has `on` alone, a white lamp `on` and `dimming`, and so forth: a feature that is absent cannot be set. */
export function capabilitiesOf(light: HueLight): Capabilities {
  const { min, max } = mirekRange(light);
  const gamut = gamutOf(light);
  const names = effectsOf(light).map(effectName);
  return {
    ...(light.on && { on: true }),
    ...(light.dimming && { brightness: { min: light.dimming.min_dim_level || DEFAULT_MIN_DIM_LEVEL } }),
    ...(light.color_temperature && { colorTemperature: { min: reciprocal(max), max: reciprocal(min) } }),
    ...(light.color && { color: gamut ? { gamut } : {} }),
    ...(names.length > 0 && { effect: { names } }),
  };
}

/** The later form goes before the one it replaces; a lamp that has both tells the same in both. */
const effectsOf = ({ effects, effects_v2 }: HueLight): string[] => effects_v2?.action?.effect_values ?? effects?.effect_values ?? [];

/** Effects are named as the bridge names them, but for none. */
const effectName = (effect: string): string => (effect === 'no_effect' ? 'none' : effect);
const hueEffect = (name: string): string => (name === 'none' ? 'no_effect' : name);

/** What the lamp shows. A bridge gives an xy also for whites; it counts as a color only when the lamp is off the white curve. */
export function attributesOf({ on, dimming, color_temperature, color, effects, effects_v2 }: HueLight): Attributes {
  const effect = effects_v2?.status?.effect ?? effects?.status;
  const mirek = color_temperature?.mirek_valid === false ? undefined : color_temperature?.mirek;
  return {
    ...(on && { on: on.on }),
    ...(dimming && { brightness: dimming.brightness }),
    ...(mirek ? { colorTemperature: reciprocal(mirek) } : color && { color: { x: color.xy.x, y: color.xy.y } }),
    ...(effect !== undefined && { effect: effectName(effect) }),
  };
}

/** What one action of a scene makes of a lamp. */
export function attributesOfAction({ on, dimming, color, color_temperature, effects, effects_v2 }: HueAction): Attributes {
  const mirek = color_temperature?.mirek;
  const effect = effects_v2?.action?.effect ?? effects?.effect;
  return {
    ...(on && { on: on.on }),
    ...(dimming && { brightness: dimming.brightness }),
    ...(color ? { color: color.xy } : mirek ? { colorTemperature: reciprocal(mirek) } : {}),
    ...(effect !== undefined && { effect: effectName(effect) }),
  };
}

/** Attributes that an update speaks of, with their values as they are after it. A color that comes alone is one, whatever white was known. */
export function attributesIn(update: HueUpdate, light: HueLight): Attributes {
  const { on, brightness, effect, ...tint } = attributesOf(light);
  const isColorAlone = 'color' in update && !('color_temperature' in update);
  return {
    ...('on' in update && { on }),
    ...('dimming' in update && { brightness }),
    ...(isColorAlone && light.color && { color: light.color.xy }),
    ...('color_temperature' in update && tint),
    ...(('effects' in update || 'effects_v2' in update) && { effect }),
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
  return light.dimming ? { ...body, dynamics: { duration: milliseconds(transition) } } : body;
}

/** What a command to a group can carry (openhue-api, `GroupedLightPut.yaml`). */
export const GROUP_ATTRIBUTES = ['on', 'brightness', 'color', 'colorTemperature'] as const satisfies readonly AttributeName[];

/** The body of `PUT /clip/v2/resource/grouped_light/<id>`: what any of its lamps can do; each takes of it what it can itself. */
export function putForGroup(
  { on, brightness, color, colorTemperature }: Attributes,
  transition: number,
  lights: readonly HueLight[],
): object {
  const { min, max } = commonRange(lights.filter((light) => light.color_temperature));
  const shown = {
    ...(brightness !== undefined && { dimming: { brightness } }),
    ...(color ? { color: { xy: color } } : colorTemperature !== undefined && mirek(colorTemperature, { min, max })),
  };
  return { ...(on !== undefined && { on: { on } }), ...(on !== false && shown), dynamics: { duration: milliseconds(transition) } };
}

const commonRange = (lights: readonly HueLight[]): { min: number; max: number } => ({
  min: Math.max(...lights.map((light) => mirekRange(light).min)),
  max: Math.min(...lights.map((light) => mirekRange(light).max)),
});

function shownBy({ brightness, color, colorTemperature, effect }: Attributes, light: HueLight): object {
  const gamut = gamutOf(light);
  return {
    ...(brightness !== undefined && light.dimming && { dimming: { brightness } }),
    ...(color && light.color
      ? { color: { xy: gamut ? clipToGamut(color, gamut) : color } }
      : colorTemperature !== undefined && light.color_temperature && mirek(colorTemperature, mirekRange(light))),
    ...(effect !== undefined && effectPut(hueEffect(effect), light)),
  };
}

function effectPut(effect: string, light: HueLight): object {
  if (!effectsOf(light).includes(effect)) return {};
  return light.effects_v2 ? { effects_v2: { action: { effect } } } : { effects: { effect } };
}

const mirek = (kelvin: number, { min, max }: { min: number; max: number }): object => ({
  color_temperature: { mirek: Math.min(max, Math.max(min, reciprocal(kelvin))) },
});

const milliseconds = (seconds: number): number => Math.min(LONGEST_TRANSITION, Math.max(0, Math.round(seconds * 1000)));
