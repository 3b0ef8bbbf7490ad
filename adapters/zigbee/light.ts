import type { AttributeName, Attributes, Capabilities, Xy } from '../../daemon/devices/device.ts';
import type { Running } from '../../daemon/devices/fades.ts';

/** Levels are 1..254; 0 is off, 255 no value (Zigbee Cluster Library, "Level", `CurrentLevel`). */
const MOST_LEVEL = 254;

/** Transition times are tenths of a second; 65535 means "as fast as can be" (same place, "Move to Level Command"). */
const LONGEST_TRANSITION = 65_534;

/** Chromaticities are 65536ths, at most 65279 (Cluster Library, "Color Control", `CurrentX`). */
const MOST_XY = 65_279;

/** Bit 0 of the options that a command carries: it counts also while the lamp is off (same place, "Options Attribute"). */
const EVEN_IF_OFF = { optionsMask: 1, optionsOverride: 1 };
const IF_ON = { optionsMask: 0, optionsOverride: 0 };

/** Modes of color (same place, `ColorMode`): hue and saturation, xy, temperature. */
const BY_TEMPERATURE = 2;

export const LIGHT_CLUSTERS = ['genOnOff', 'genLevelCtrl', 'lightingColorCtrl'] as const;
export type LightCluster = (typeof LIGHT_CLUSTERS)[number];

/** A command of the cluster library. */
export interface Frame {
  cluster: LightCluster;
  command: string;
  payload: Record<string, number>;
}

/** What is to be known of a lamp to command it. */
export interface Traits {
  brightness: boolean;
  color: boolean;
  /** Mired, where it has whites. */
  mired?: { min: number; max: number };
  /** A command for its color ends a fade of its brightness, and the other way about. */
  oneTransition: boolean;
  /** It takes commands in their oldest form alone, without options. */
  noOptions: boolean;
}

/** Where a lamp stands when a command comes. */
export interface Standing {
  /** Undefined: unknown. */
  on: boolean | undefined;
  /** % that it had before we faded it to off: some come back at their least. */
  before: number | undefined;
  fading: { brightness?: Running | undefined; color?: Running | undefined; colorTemperature?: Running | undefined };
}

/** What a lamp can do as capabilities, kelvin being the reciprocal of mired. */
export function capabilitiesOf({ brightness, color, mired }: Traits): Capabilities {
  return {
    on: true,
    ...(brightness && { brightness: { min: percent(1) } }),
    ...(mired && { colorTemperature: { min: reciprocal(mired.max), max: reciprocal(mired.min) } }),
    ...(color && { color: {} }),
  };
}

/**
 * The commands that make it so, in the order in which they must go. The color goes first: a lamp that comes on has it then,
 * and shows no other before. Without `on` nothing counts for a lamp that is off.
 */
export function framesFor(
  { attributes, transition }: { attributes: Attributes; transition: number },
  traits: Traits,
  standing: Standing,
): Frame[] {
  const { on } = attributes;
  if (on === false) return [offFrame(traits, standing, transition)];
  const wished = { ...attributes, ...(traits.oneTransition && goesOn(attributes, standing)) };
  const chroma = chromaOf(wished, traits);
  const level = traits.brightness ? (wished.brightness ?? (on ? standing.before : undefined)) : undefined;
  const jumps = standing.on === false || (traits.oneTransition && level !== undefined);
  const options = (evenIfOff: boolean) => (traits.noOptions ? {} : evenIfOff ? EVEN_IF_OFF : IF_ON);
  const frames: Frame[] = [];
  if (chroma) {
    const payload = { ...chroma.payload, transtime: tenths(jumps ? 0 : transition), ...options(on === true) };
    frames.push({ cluster: 'lightingColorCtrl', command: chroma.command, payload });
  }
  if (level !== undefined) {
    const rest = attributes.brightness === undefined ? standing.fading.brightness : undefined;
    const payload = { level: levelOf(level), transtime: tenths(rest ? rest.left / 1000 : transition), ...options(false) };
    frames.push({ cluster: 'genLevelCtrl', command: on ? 'moveToLevelWithOnOff' : 'moveToLevel', payload });
  } else if (on) frames.push({ cluster: 'genOnOff', command: 'on', payload: {} });
  return frames;
}

/** Of a lamp that knows one transition at a time, what is under way must be asked for again beside what is new. */
function goesOn(attributes: Attributes, { fading }: Standing): Attributes {
  const hasChroma = attributes.color !== undefined || attributes.colorTemperature !== undefined;
  if (hasChroma && attributes.brightness === undefined && fading.brightness) return { brightness: fading.brightness.target as number };
  if (attributes.brightness === undefined || hasChroma) return {};
  if (fading.color) return { color: fading.color.target as Xy };
  return fading.colorTemperature ? { colorTemperature: fading.colorTemperature.target as number } : {};
}

/** A fade to off is a fade to level 0. Of a lamp that is off already it would be a flash (Koenkk/zigbee2mqtt issue 22030). */
function offFrame(traits: Traits, standing: Standing, transition: number): Frame {
  if (!traits.brightness || transition === 0 || standing.on !== true) return { cluster: 'genOnOff', command: 'off', payload: {} };
  const payload = { level: 0, transtime: tenths(transition), ...(traits.noOptions ? {} : IF_ON) };
  return { cluster: 'genLevelCtrl', command: 'moveToLevelWithOnOff', payload };
}

function chromaOf({ color, colorTemperature }: Attributes, traits: Traits): Pick<Frame, 'command' | 'payload'> | undefined {
  if (color && traits.color) return { command: 'moveToColor', payload: { colorx: coordinate(color.x), colory: coordinate(color.y) } };
  if (colorTemperature === undefined || !traits.mired) return undefined;
  const { min, max } = traits.mired;
  return { command: 'moveToColorTemp', payload: { colortemp: Math.min(max, Math.max(min, reciprocal(colorTemperature))) } };
}

/** Names of attributes of the cluster library to be read for what people know. */
export function readsFor(traits: Traits, names: ReadonlySet<AttributeName>): { cluster: LightCluster; attributes: string[] }[] {
  const wantsChroma = names.has('color') || names.has('colorTemperature');
  const chroma = [...(traits.color ? ['currentX', 'currentY'] : []), ...(traits.mired ? ['colorTemperature'] : []), 'colorMode'];
  return [
    ...(names.has('on') ? [{ cluster: 'genOnOff' as const, attributes: ['onOff'] }] : []),
    ...(names.has('brightness') && traits.brightness ? [{ cluster: 'genLevelCtrl' as const, attributes: ['currentLevel'] }] : []),
    ...(wantsChroma && chroma.length > 1 ? [{ cluster: 'lightingColorCtrl' as const, attributes: chroma }] : []),
  ];
}

/**
 * What a lamp says of itself.
 * @param data attributes as the cluster library names them
 * @param known the value of an attribute of color that came before
 */
export function attributesIn(
  { cluster, data }: { cluster: LightCluster; data: Readonly<Record<string, unknown>> },
  traits: Traits,
  known: (attribute: string) => unknown,
): Attributes {
  if (cluster === 'genOnOff') return typeof data.onOff === 'number' ? { on: data.onOff !== 0 } : {};
  if (cluster === 'genLevelCtrl') {
    const level = data.currentLevel;
    return typeof level === 'number' && level > 0 && level < 255 ? { brightness: percent(level) } : {};
  }
  const value = (attribute: string): unknown => data[attribute] ?? known(attribute);
  const speaksOf = (...attributes: string[]): boolean => attributes.some((attribute) => data[attribute] !== undefined);
  if (traits.mired && (!traits.color || value('colorMode') === BY_TEMPERATURE)) {
    const mired = speaksOf('colorTemperature', 'colorMode') ? value('colorTemperature') : undefined;
    return typeof mired === 'number' && mired > 0 && mired < 0xffff ? { colorTemperature: reciprocal(mired) } : {};
  }
  const [x, y] = speaksOf('currentX', 'currentY', 'colorMode') ? [value('currentX'), value('currentY')] : [];
  return traits.color && typeof x === 'number' && typeof y === 'number' ? { color: { x: share(x), y: share(y) } } : {};
}

/** Color temperature is the reciprocal megakelvin on the wire: mired = 1,000,000 / K. */
const reciprocal = (value: number): number => Math.round(1e6 / value);
const percent = (level: number): number => Math.round((level / MOST_LEVEL) * 1000) / 10;
const levelOf = (brightness: number): number => Math.min(MOST_LEVEL, Math.max(1, Math.round((brightness / 100) * MOST_LEVEL)));
const tenths = (seconds: number): number => Math.min(LONGEST_TRANSITION, Math.max(0, Math.round(seconds * 10)));
const coordinate = (value: number): number => Math.min(MOST_XY, Math.round(value * 65_536));
const share = (value: number): number => Math.round((value / 65_536) * 10_000) / 10_000;
