import type { Capabilities, ReadingName } from '../../daemon/devices/device.ts';
import { type Buttons, buttonsOf } from './actions.ts';
import { type BridgeDevice, type Expose, exposesOf, type Feature } from './payloads.ts';

type Scalar = string | number | boolean;

/** Bits of `access` (exposes, "Access"). */
const TOLD = 1;
const SET = 2;
const GET = 4;

/** Of lamps that do not say: Zigbee's own steps and the whites of most lamps. */
const LEVELS = 254;
const MIREDS = { min: 153, max: 500 };

interface Range {
  property: string;
  min: number;
  max: number;
}

/** What one lamp, plug, sensor or switch can tell and be told, by the properties of its messages. */
export interface Features {
  on?: { property: string; on: Scalar; off: Scalar };
  /** In the device's own steps. */
  brightness?: Range;
  /** In mired. */
  colorTemperature?: Range;
  /** Lamps of hue and saturation alone are told those. */
  color?: { property: string; isHueAndSaturationOnly: boolean };
  /** Tells whether a lamp shows a white or a color. */
  colorMode?: string;
  effect?: { property: string; names: readonly string[]; end: string; isTold: boolean };
  setpoint?: Range;
  readings: readonly { reading: ReadingName; property: string; on?: Scalar }[];
  buttons?: Buttons;
  identify?: { property: string; value: Scalar };
  /** Properties that can be asked for, one question for each. */
  questions: readonly string[];
  /** It takes a `transition`. */
  fades: boolean;
  /** It takes an empty `state`, which keeps it off where a brightness alone would switch it on. */
  keepsState: boolean;
}

/** One of the things in a housing that has several of a kind, such as a double switch; without a name, all that is in it. */
export interface Part {
  endpoint?: string;
  features: Features;
}

/**
 * What a housing holds. Lamps and switches of which there are several are devices of their own, by the name of their
 * endpoint; what it senses belongs to the housing as a whole.
 */
export function partsOf(device: BridgeDevice): Part[] {
  const exposes = exposesOf(device);
  const endpoints = [...new Set(exposes.filter(isActuator).flatMap(({ endpoint }) => endpoint ?? []))];
  const several = endpoints.map((endpoint): Part => {
    const isOwn = (each: Expose): boolean => each.endpoint === endpoint;
    const features = featuresOf(
      exposes.filter((each) => isActuator(each) && isOwn(each)),
      device,
    );
    return { endpoint, features: { ...features, ...identifyAmong(exposes.filter((each) => isOwn(each) || each.endpoint === undefined)) } };
  });
  const rest = exposes.filter((each) => !(isActuator(each) && each.endpoint !== undefined));
  const whole: Part = { features: featuresOf(rest, device) };
  return [...(isSomething(whole.features, several.length > 0) ? [whole] : []), ...several].filter(({ features }) =>
    canDoAnything(features),
  );
}

const ACTUATORS: ReadonlySet<string> = new Set(['light', 'switch', 'climate']);
const isActuator = ({ type }: Expose): boolean => ACTUATORS.has(type);

/** A battery alone makes no device beside those that it feeds. */
function isSomething(features: Features, hasSiblings: boolean): boolean {
  return !hasSiblings || Object.keys(capabilitiesOf(features)).some((name) => name !== 'battery');
}

const canDoAnything = (features: Features): boolean => Object.keys(capabilitiesOf(features)).length > 0;

function featuresOf(exposes: readonly Expose[], device: BridgeDevice): Features {
  const lamp = exposes.find(({ type }) => type === 'light');
  const actuators = exposes.filter(isActuator).flatMap(({ features = [] }) => features);
  const find = (name: string, among: readonly Feature[] = actuators): Feature | undefined =>
    among.find((each) => each.name === name && each.property !== undefined);
  const settable = (name: string): Feature | undefined => {
    const found = find(name);
    return found && can(found, SET) ? found : undefined;
  };
  const state = settable('state');
  const color = settable('color_xy') ?? settable('color_hs');
  const features: Features = {
    ...(state && { on: { property: propertyOf(state), on: state.value_on ?? 'ON', off: state.value_off ?? 'OFF' } }),
    ...rangeOf('brightness', settable('brightness'), { min: 1, max: LEVELS }),
    ...rangeOf('colorTemperature', settable('color_temp'), MIREDS),
    ...(color && { color: { property: propertyOf(color), isHueAndSaturationOnly: color.name === 'color_hs' } }),
    ...(color && { colorMode: propertyOf(color).replace('color', 'color_mode') }),
    ...effectOf(lamp && find('effect', exposes)),
    ...rangeOf('setpoint', settable('occupied_heating_setpoint') ?? settable('current_heating_setpoint'), { min: 5, max: 30 }),
    readings: readingsOf([...actuators, ...exposes]),
    ...buttonsAmong(exposes),
    ...identifyAmong(exposes),
    questions: [],
    fades: lamp !== undefined && device.model_id !== TUYA_DATAPOINTS,
    keepsState: lamp !== undefined && !device.manufacturer?.startsWith(TUYA),
  };
  return { ...features, questions: questionsFor(features, actuators) };
}

/** What speaks Tuya's own protocol over Zigbee bears this one name; Tuya as a maker bears many, which all begin alike. */
const TUYA_DATAPOINTS = 'TS0601';
const TUYA = '_T';

const can = ({ access = TOLD }: Feature, bit: number): boolean => (access & bit) !== 0;

const propertyOf = ({ property, name }: Feature): string => property ?? name ?? '';

function rangeOf<Name extends string>(
  name: Name,
  feature: Feature | undefined,
  usual: { min: number; max: number },
): Partial<Record<Name, Range>> {
  if (!feature) return {};
  const { value_min: min = usual.min, value_max: max = usual.max } = feature;
  return { [name]: { property: propertyOf(feature), min, max } } as Record<Name, Range>;
}

/** What they begin does not last, or only ends another. */
const PASSING: ReadonlySet<string> = new Set(['blink', 'breathe', 'okay', 'channel_change', 'identify']);
const ENDS = ['none', 'stop_hue_effect', 'stop_colorloop', 'stop_effect', 'finish_effect'];

function effectOf(feature: Feature | undefined): Pick<Features, 'effect'> {
  const values = (feature?.values ?? []).map(String);
  const names = values.filter((value) => !PASSING.has(value) && !ENDS.includes(value));
  const end = ENDS.find((value) => values.includes(value));
  if (!feature || names.length === 0 || end === undefined) return {};
  return { effect: { property: propertyOf(feature), names, end, isTold: can(feature, TOLD) } };
}

/** By the names that Zigbee2MQTT gives them; `presence` is that of radar sensors. */
const READINGS: readonly (readonly [ReadingName, readonly string[]])[] = [
  ['occupancy', ['occupancy', 'presence']],
  ['illuminance', ['illuminance_lux', 'illuminance']],
  ['temperature', ['temperature', 'local_temperature']],
  ['battery', ['battery']],
];
/** Before 2.0 `illuminance` was a bare number and the lux came beside it. */
const UNITS: Partial<Record<ReadingName, string>> = { illuminance: 'lx', temperature: '°C', battery: '%' };

function readingsOf(features: readonly Feature[]): Features['readings'] {
  return READINGS.flatMap(([reading, names]) => {
    const candidates = names.flatMap((name) => features.filter((each) => each.name === name && can(each, TOLD)));
    const found = candidates.find(({ unit }) => unit === UNITS[reading]);
    return found ? [{ reading, property: propertyOf(found), ...(reading === 'occupancy' && { on: found.value_on ?? true }) }] : [];
  });
}

function buttonsAmong(exposes: readonly Expose[]): Pick<Features, 'buttons'> {
  const buttons = buttonsOf(exposes.find(({ name }) => name === 'action')?.values?.map(String) ?? []);
  return buttons ? { buttons } : {};
}

/** A blink shows itself more than Zigbee's identify does, which lasts some seconds. */
function identifyAmong(exposes: readonly Expose[]): Pick<Features, 'identify'> {
  const effect = exposes.find(({ name, values }) => name === 'effect' && values?.includes('blink'));
  if (effect) return { identify: { property: propertyOf(effect), value: 'blink' } };
  const identify = exposes.find(({ name }) => name === 'identify');
  const [value] = identify?.values ?? [];
  return identify && value !== undefined ? { identify: { property: propertyOf(identify), value } } : {};
}

/** White and color are answered together. */
function questionsFor({ on, brightness, colorTemperature, color, setpoint }: Features, actuators: readonly Feature[]): string[] {
  const wanted = [on, brightness, color ?? colorTemperature, setpoint].flatMap((each) => each?.property ?? []);
  return wanted.filter((wish) => actuators.some((each) => each.property === wish && can(each, GET)));
}

const percentOfStep = ({ max }: Range): number => Math.round(1000 / max) / 10;
const kelvin = (mired: number): number => Math.round(1e6 / mired);

export function capabilitiesOf({ on, brightness, colorTemperature, color, effect, setpoint, readings, buttons }: Features): Capabilities {
  return {
    ...(on && { on: true }),
    ...(brightness && { brightness: { min: percentOfStep(brightness) } }),
    ...(colorTemperature && { colorTemperature: { min: kelvin(colorTemperature.max), max: kelvin(colorTemperature.min) } }),
    ...(color && { color: {} }),
    ...(effect && { effect: { names: [...effect.names, 'none'] } }),
    ...(setpoint && { setpoint: { min: setpoint.min, max: setpoint.max } }),
    ...Object.fromEntries(readings.map(({ reading }) => [reading, true])),
    ...(buttons && { button: { count: buttons.count, actions: buttons.actions } }),
  };
}

/** What a group can be told: what any of its lamps can do, in ranges that are right for all. */
export function commonFeatures(members: readonly Features[]): Features {
  const narrowest = (name: 'brightness' | 'colorTemperature'): Range | undefined => {
    const ranges = members.flatMap((each) => each[name] ?? []);
    const [first] = ranges;
    return first && { ...first, min: Math.max(...ranges.map(({ min }) => min)), max: Math.min(...ranges.map(({ max }) => max)) };
  };
  const [on, color] = [members.find((each) => each.on)?.on, members.find((each) => each.color)?.color];
  const [brightness, colorTemperature] = [narrowest('brightness'), narrowest('colorTemperature')];
  return {
    ...(on && { on: { ...on, property: 'state' } }),
    ...(brightness && { brightness: { ...brightness, property: 'brightness' } }),
    ...(colorTemperature && { colorTemperature: { ...colorTemperature, property: 'color_temp' } }),
    ...(color && { color: { ...color, property: 'color' } }),
    ...{ readings: [], questions: [], fades: true, keepsState: true },
  };
}
