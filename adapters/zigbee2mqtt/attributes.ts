import type { Attributes, ReadingName, Readings } from '../../daemon/devices/device.ts';
import { type HueAndSaturation, hueAndSaturation, xyOf } from './color.ts';
import type { Features } from './features.ts';
import type { DeviceMessage } from './payloads.ts';

/** Seconds: a uint16 of tenths on the air (ZCL specification, level control). */
const LONGEST_TRANSITION = 6553;

const reciprocal = (value: number): number => Math.round(1e6 / value);
const clamped = (value: number, { min, max }: { min: number; max: number }): number => Math.min(max, Math.max(min, value));
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/**
 * What a device is told by these attributes: what it can do of them, in its own units.
 * @param transition seconds
 * @returns undefined if it can do nothing of it
 */
export function messageFor(attributes: Attributes, transition: number, features: Features): Record<string, unknown> | undefined {
  const { on, keepsState } = features;
  if (attributes.on === false && on) return { [on.property]: on.off, ...lasting(transition, features) };
  const shown = shownBy(attributes, features);
  if (attributes.on && on) return { [on.property]: on.on, ...shown, ...lasting(transition, features, Object.keys(shown).length > 0) };
  if (Object.keys(shown).length === 0) return undefined;
  // A brightness alone would switch the lamp on: an empty state keeps it as it is.
  const asItIs = on && keepsState && attributes.brightness !== undefined ? { [on.property]: null } : {};
  return { ...asItIs, ...shown, ...lasting(transition, features, true) };
}

/**
 * Said where it matters, since a lamp may have a transition of its own in Zigbee2MQTT. Not with a plain on or off in an
 * instant: with a transition it goes by the level, which lamps then forget.
 */
function lasting(transition: number, { fades, brightness }: Features, always = false): object {
  if (!fades || !brightness || (transition <= 0 && !always)) return {};
  return { transition: Math.round(clamped(transition, { min: 0, max: LONGEST_TRANSITION }) * 10) / 10 };
}

function shownBy({ brightness, color, colorTemperature, effect, setpoint }: Attributes, features: Features): Record<string, unknown> {
  const { brightness: level, color: tint, colorTemperature: white, effect: effects, setpoint: warmth } = features;
  const effectValue = effect === 'none' ? effects?.end : effects?.names.find((name) => name === effect);
  return {
    ...(brightness !== undefined && level && { [level.property]: stepOf(brightness, level.max) }),
    ...(color && tint
      ? { [tint.property]: tint.isHueAndSaturationOnly ? hueAndSaturation(color) : { x: rounded(color.x), y: rounded(color.y) } }
      : colorTemperature !== undefined && white && { [white.property]: clamped(reciprocal(colorTemperature), white) }),
    ...(effects && effectValue !== undefined && { [effects.property]: effectValue }),
    ...(setpoint !== undefined && warmth && { [warmth.property]: clamped(setpoint, warmth) }),
  };
}

/** 0 would switch it off. */
const stepOf = (percent: number, max: number): number => Math.max(1, Math.round((percent / 100) * max));

/** Four digits are more than a lamp's steps of 1/65536. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** What a device's message says of its attributes. A lamp shows a white or a color; its mode tells which. */
export function attributesIn(message: DeviceMessage, features: Features): Attributes {
  const { on, brightness, effect, setpoint } = features;
  const state = on && message[on.property];
  const level = brightness && message[brightness.property];
  const shownEffect = effect?.isTold ? message[effect.property] : undefined;
  const warmth = setpoint && message[setpoint.property];
  return {
    ...(on && (state === on.on || state === on.off) && { on: state === on.on }),
    ...(brightness && isNumber(level) && { brightness: percentOf(level, brightness.max) }),
    ...tintIn(message, features),
    ...(effect && typeof shownEffect === 'string' && { effect: effect.names.includes(shownEffect) ? shownEffect : 'none' }),
    ...(isNumber(warmth) && { setpoint: warmth }),
  };
}

const percentOf = (level: number, max: number): number => clamped(Math.round((level / max) * 1000) / 10, { min: 0, max: 100 });

function tintIn(message: DeviceMessage, { color, colorTemperature, colorMode }: Features): Attributes {
  const mired = colorTemperature && message[colorTemperature.property];
  const mode = colorMode && message[colorMode];
  const xy = color && pointOf(message[color.property]);
  const isWhite = mode === undefined ? isNumber(mired) : mode === 'color_temp';
  if (isWhite) return isNumber(mired) && mired > 0 ? { colorTemperature: reciprocal(mired) } : {};
  return xy ? { color: xy } : {};
}

function pointOf(value: unknown): Attributes['color'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { x, y, hue, saturation } = value as Partial<Record<'x' | 'y' | keyof HueAndSaturation, unknown>>;
  if (isNumber(x) && isNumber(y)) return { x: clamped(x, UNIT), y: clamped(y, UNIT) };
  return isNumber(hue) && isNumber(saturation) ? xyOf({ hue, saturation }) : undefined;
}

const UNIT = { min: 0, max: 1 };

export function readingsIn(message: DeviceMessage, { readings }: Features): Readings {
  const told = readings.flatMap(({ reading, property, on }) => {
    const value = readingOf(reading, message[property], on);
    return value === undefined ? [] : [{ [reading]: value }];
  });
  return Object.assign({}, ...told);
}

function readingOf(reading: ReadingName, value: unknown, on: unknown): boolean | number | undefined {
  if (on !== undefined) return value === undefined || value === null ? undefined : value === on;
  if (!isNumber(value)) return undefined;
  const { min = value, max = value } = BOUNDS[reading] ?? {};
  return clamped(value, { min, max: Math.max(min, max) });
}

const BOUNDS: Partial<Record<ReadingName, { min: number; max?: number }>> = { battery: { min: 0, max: 100 }, illuminance: { min: 0 } };

/** What to ask for to see what became of a command; a white and a color are answered together. */
export function questionsAbout(told: DeviceMessage, { questions, color, colorTemperature }: Features): string[] {
  const tints = [color, colorTemperature].flatMap((each) => each?.property ?? []);
  const isTinted = tints.some((property) => property in told);
  return questions.filter((property) => property in told || (isTinted && tints.includes(property)));
}

/** How far a device may round what it was told, by the greatest number in it. */
const ROUNDING = 0.01;

/** Whether a device's message says of everything that it was told that it is so. */
export function confirms(message: DeviceMessage, told: DeviceMessage): boolean {
  const properties = Object.entries(told).filter(([name, value]) => name !== 'transition' && value !== null && name in message);
  return properties.length > 0 && properties.every(([name, value]) => isAlike(message[name], value));
}

function isAlike(found: unknown, wanted: unknown): boolean {
  if (isNumber(found) && isNumber(wanted)) return Math.abs(found - wanted) <= ROUNDING * Math.max(1, Math.abs(wanted));
  if (typeof found === 'object' && found && typeof wanted === 'object' && wanted) {
    return Object.entries(wanted).every(([name, value]) => isAlike((found as DeviceMessage)[name], value));
  }
  return found === wanted;
}
