import { type Definition, definitionOf, type Exposed, type Kind, labelOf } from './catalog.ts';

export type State = Record<string, unknown>;

export interface DeviceOptions {
  ieee: string;
  /** Friendly name. */
  name: string;
  kind: Kind;
  /** As its `retain` in Zigbee2MQTT. */
  retain?: boolean;
  /** As its `optimistic` in Zigbee2MQTT: without it a device has to report by itself. */
  optimistic?: boolean;
  disabled?: boolean;
  state?: State;
}

/** What a command came to: what is published of it, and what went wrong. */
export interface Outcome {
  update: State;
  /** Lines of the log. */
  errors: string[];
}

/** Why a device that has no power does not take a command (zigbee-herdsman, zstack adapter). */
const UNREACHED = "Error: ZCL command failed (Data request failed with error: 'MAC_NO_ACK' (0xe9))";

/**
 * One Zigbee device and what Zigbee2MQTT knows of it. Commands go by its converters as zigbee-herdsman-converters have them for lamps of
 * Zigbee's own kind (`converters/toZigbee.ts`): they refuse what is out of range, infer `state` from a brightness, keep it where it is null.
 */
export class StandInDevice {
  readonly ieee: string;
  readonly kind: Kind;
  readonly options: DeviceOptions;
  name: string;
  /** What the device itself shows. */
  readonly real: State;
  /** What Zigbee2MQTT remembers: what it publishes. */
  cache: State;
  isPowered = true;
  isInterviewed = true;
  isDisabled: boolean;

  constructor(options: DeviceOptions) {
    this.options = options;
    this.ieee = options.ieee;
    this.kind = options.kind;
    this.name = options.name;
    this.isDisabled = options.disabled ?? false;
    this.real = { ...initialState(this.definition), ...options.state };
    this.cache = { ...this.real };
  }

  get definition(): Definition {
    return definitionOf(this.kind);
  }

  get isBattery(): boolean {
    return labelOf(this.kind).power_source === 'Battery';
  }

  /** As an entry of `bridge/devices` (`lib/extension/bridge.ts`, `publishDevices`). */
  describe(): object {
    const { model_id, manufacturer, power_source, endpoints } = labelOf(this.kind);
    return {
      ...{ ieee_address: this.ieee, type: this.isBattery ? 'EndDevice' : 'Router', network_address: 4711, supported: this.isInterviewed },
      ...{ friendly_name: this.name, disabled: this.isDisabled },
      ...(this.isInterviewed && { definition: { source: 'native', supports_ota: false, options: [], ...this.definition } }),
      ...(this.isInterviewed && { power_source, model_id, manufacturer }),
      interviewing: !this.isInterviewed,
      interview_completed: this.isInterviewed,
      interview_state: this.isInterviewed ? 'SUCCESSFUL' : 'IN_PROGRESS',
      endpoints: Object.fromEntries(Object.entries(endpoints).map(([number, name]) => [number, { name, ...NOTHING_BOUND }])),
    };
  }

  set(message: State): Outcome {
    const outcome: Outcome = { update: {}, errors: [] };
    for (const [part, keys] of this.#byEndpoint(message)) this.#setPart(part, keys, outcome);
    return outcome;
  }

  /** One attribute is read from the device. @returns what is wrong, if anything */
  get(property: string): string | undefined {
    const feature = this.#feature(property);
    if (!feature || ((feature.access ?? 0) & 4) === 0) return `No converter available for 'get' '${property}' ()`;
    if (!this.isPowered) return `Publish 'get' '${property}' to '${this.name}' failed: '${UNREACHED}'`;
    const names = property.startsWith('color') ? ['color', 'color_temp', 'color_mode'] : [property];
    for (const name of names) if (name in this.real) this.cache[name] = this.real[name];
    return undefined;
  }

  /** What it is told as one of a group: only what it can do. */
  takeAsMember(update: State): void {
    const own = Object.fromEntries(Object.entries(update).filter(([name]) => name in this.real || name === 'color_mode'));
    if (this.isPowered) Object.assign(this.real, own);
    Object.assign(this.cache, own);
  }

  #setPart(part: string, message: State, outcome: Outcome): void {
    const suffix = part === '' ? '' : `_${part}`;
    const done = new Set<string>();
    for (const [key, value] of Object.entries(message).toSorted(([one], [other]) => rank(one, message) - rank(other, message))) {
      const converter = key === 'state' || key === 'brightness' ? 'level' : key;
      if (key === 'transition' && this.#isLight()) continue;
      if (!this.#feature(key + suffix)) {
        outcome.errors.push(`No converter available for '${key}' on '${this.name}': (${JSON.stringify(value)})`);
        continue;
      }
      if (done.has(converter)) continue;
      done.add(converter);
      const update = this.#convert(key, value, message);
      if (typeof update === 'string') outcome.errors.push(`Publish 'set' '${key}' to '${this.name}' failed: '${update}'`);
      else for (const [name, news] of Object.entries(update)) this.#take(name + suffix, news, outcome);
    }
  }

  #take(property: string, value: unknown, { update }: Outcome): void {
    this.real[property] = value;
    update[property] = value;
  }

  /** @returns what changes, or what is wrong */
  #convert(key: string, value: unknown, message: State): State | string {
    if (!this.isPowered) return UNREACHED;
    if (key === 'state' || key === 'brightness') return this.#isLight() ? convertLevel(message) : convertSwitch(message.state);
    if (key === 'color_temp') return convertWhite(value, this.#feature('color_temp'));
    if (key === 'color') return convertColor(value);
    if (key === 'effect' || key === 'identify') {
      return this.#feature(key)?.values?.includes(value) ? {} : `Error: Value: '${value}' not found in: []`;
    }
    return typeof value === 'number' ? { [key]: value } : `Error: ${key} is not a number, got ${typeof value} (${value})`;
  }

  #byEndpoint(message: State): [string, State][] {
    const names = Object.values(labelOf(this.kind).endpoints).filter((name) => name !== null);
    const parts = new Map<string, State>();
    for (const [key, value] of Object.entries(message)) {
      const part = names.find((name) => key.endsWith(`_${name}`)) ?? '';
      const own = part === '' ? key : key.slice(0, -part.length - 1);
      parts.set(part, { ...parts.get(part), [own]: value });
    }
    return [...parts];
  }

  #isLight(): boolean {
    return this.definition.exposes.some(({ type }) => type === 'light');
  }

  #feature(property: string): Exposed | undefined {
    return this.definition.exposes.flatMap((each) => [each, ...(each.features ?? [])]).find((each) => each.property === property);
  }
}

const NOTHING_BOUND = { scenes: [], bindings: [], configured_reportings: [], clusters: { input: [], output: [] } };

/** A lamp that goes off does so first; one that goes on gets its color first (`lib/extension/publish.ts`). */
function rank(key: string, { state }: State): number {
  const isLevel = key === 'state' || key === 'brightness';
  const goesOff = typeof state === 'string' && state.toLowerCase() === 'off';
  return isLevel === goesOff ? 0 : 1;
}

/** `light_onoff_brightness` of zigbee-herdsman-converters. */
export function convertLevel({ state, brightness, transition }: State): State | string {
  if (brightness !== undefined && (typeof brightness !== 'number' || brightness < 0 || brightness > 254)) {
    return `Error: Brightness value of message: '${JSON.stringify({ brightness })}' invalid, must be a number >= 0 and =< 254`;
  }
  if (transition !== undefined && typeof transition !== 'number') return `Error: transition is not a number`;
  const wanted = typeof state === 'string' ? state.toLowerCase() : state;
  if (typeof wanted === 'string' && !['on', 'off', 'toggle'].includes(wanted)) {
    return `Error: State value of message: '${JSON.stringify({ state })}' invalid, must be 'ON', 'OFF' or 'TOGGLE'`;
  }
  if ((wanted === undefined || wanted === null) && brightness === undefined) {
    return `Error: At least one of "brightness" or "state" must have a value: '{}'`;
  }
  if (wanted === null) return { brightness };
  if (wanted === 'off' || brightness === 0) return { state: 'OFF' };
  return { ...(brightness !== undefined && { brightness }), state: 'ON' };
}

const convertSwitch = (state: unknown): State | string =>
  state === 'ON' || state === 'OFF' ? { state } : `Error: Value '${state}' is not allowed, expected one of toggle,off,on`;

export function convertWhite(value: unknown, feature: Exposed | undefined): State | string {
  const { value_min: min = 153, value_max: max = 500 } = feature ?? {};
  if (typeof value !== 'number') return `Error: color_temp is not a number`;
  return { color_temp: Math.min(max, Math.max(min, value)), color_mode: 'color_temp' };
}

export function convertColor(value: unknown): State | string {
  const { x, y, hue, saturation } = (value ?? {}) as State;
  if (typeof x === 'number' && typeof y === 'number') return { color: { x, y }, color_mode: 'xy' };
  if (typeof hue === 'number' && typeof saturation === 'number') return { color: { hue, saturation }, color_mode: 'hs' };
  return 'Error: Invalid color';
}

/** Something of everything that it can tell. */
function initialState({ exposes }: Definition): State {
  const all = exposes.flatMap((each) => (each.features ? each.features : [each]));
  const features = all.filter(({ name }) => name !== 'color_hs' || !all.some((other) => other.name === 'color_xy'));
  const known = features.flatMap(({ property = '', name }) => (name !== undefined && name in INITIAL ? [[property, INITIAL[name]]] : []));
  const isColor = features.some(({ name }) => name === 'color_temp');
  return { ...Object.fromEntries(known), ...(isColor && { color_mode: 'color_temp' }), linkquality: 120 };
}

const INITIAL: State = {
  ...{ state: 'ON', brightness: 254, color_temp: 370, color_xy: { x: 0.4599, y: 0.4106 }, color_hs: { hue: 28, saturation: 66 } },
  ...{ occupancy: false, illuminance: 40, temperature: 21.5, battery: 80, occupied_heating_setpoint: 20, local_temperature: 20.5 },
};
