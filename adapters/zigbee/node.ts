import type { Models } from 'zigbee-herdsman';
import type { Definition } from 'zigbee-herdsman-converters/lib/types';
import type { Attributes, Capabilities, Device, DeviceId, ReadingName } from '../../daemon/devices/device.ts';
import type { PowerSource } from '../../daemon/devices/mesh.ts';
import { Buttons } from './buttons.ts';
import { capabilitiesOf, type Traits } from './light.ts';

/** Readings by their names in zigbee-herdsman-converters. */
const READINGS: Readonly<Record<string, ReadingName>> = {
  occupancy: 'occupancy',
  presence: 'occupancy',
  illuminance: 'illuminance',
  temperature: 'temperature',
  battery: 'battery',
};

/** Clusters that make an endpoint the one which a sensor or remote is known by. */
const SENSING = ['msOccupancySensing', 'msIlluminanceMeasurement', 'msTemperatureMeasurement', 'ssIasZone'];

/** The endpoint of Green Power, which is nothing that people know. */
const GREEN_POWER = 242;

const DEFAULT_MIRED = { min: 153, max: 500 };

/** What the converters say that a device can do, as far as it is read here. */
interface Expose {
  type: string;
  name?: string;
  endpoint?: string;
  features?: readonly Expose[];
  values?: readonly (string | number)[];
  value_min?: number;
  value_max?: number;
}

/** Something of a node that the house knows as a device. */
export interface Part {
  id: DeviceId;
  endpoint: Models.Endpoint;
  /** As the converters call the endpoint, where there are several: `l1`. */
  suffix: string | undefined;
  /** Absent: neither lamp nor plug. */
  traits?: Traits;
  /** It speaks the cluster library's own commands; otherwise the converters must translate. */
  isPlain: boolean;
  /** Whether it says that it took a command. */
  answers: boolean;
  capabilities: Capabilities;
}

/** A piece of hardware: what the library knows of it, what the converters make of that, and what it is to the house. */
export class ZigbeeNode {
  readonly device: Models.Device;
  readonly definition: Definition | undefined;
  readonly parts: readonly Part[];
  readonly buttons: Buttons | undefined;
  /** What converters said last: they build on it. */
  readonly state: Record<string, unknown> = {};
  /** What is left of its battery, % */
  battery: number | undefined;
  name: string;

  constructor({ device, definition, name, knowsOneTransition }: NodeOptions) {
    this.device = device;
    this.definition = definition;
    const exposes = exposesOf(definition, device);
    const actions = exposes.find(({ name: what }) => what === 'action')?.values ?? [];
    this.buttons = actions.length > 0 ? new Buttons(actions.map(String)) : undefined;
    this.parts = partsOf({ device, definition, exposes, knowsOneTransition, buttons: this.buttons });
    this.name = name ?? defaultName(device, definition);
  }

  get id(): string {
    return this.device.ieeeAddr;
  }

  get power(): PowerSource {
    const { powerSource = '', type } = this.device;
    if (/battery/i.test(powerSource)) return 'battery';
    return /mains|dc source/i.test(powerSource) || type === 'Router' ? 'mains' : type === 'EndDevice' ? 'battery' : 'unknown';
  }

  describe(): Device[] {
    const model = this.definition?.model ?? this.device.modelID;
    return this.parts.map(({ id, suffix, capabilities }) => ({
      id,
      adapter: 'zigbee',
      name: suffix === undefined || this.parts.length === 1 ? this.name : `${this.name} ${suffix}`,
      ...(model !== undefined && { model }),
      capabilities,
    }));
  }
}

export interface NodeOptions {
  device: Models.Device;
  definition: Definition | undefined;
  name: string | undefined;
  /** Whether a lamp was found to know one transition at a time. */
  knowsOneTransition: boolean;
}

/** What of a device's own words is for which of its parts: an attribute, or a reading. */
export type Meaning = { part: Part; attributes: Attributes } | { part: Part; reading: ReadingName; value: number | boolean };

/** What the converters' words mean, such as `{ state_l1: 'ON', temperature: 21.5 }`. */
export function meaningsOf({ parts }: ZigbeeNode, words: Readonly<Record<string, unknown>>): Meaning[] {
  const [first] = parts;
  if (!first) return [];
  const readings = Object.entries(words).flatMap(([word, value]): Meaning[] => {
    const reading = READINGS[word];
    const fits = reading === 'occupancy' ? typeof value === 'boolean' : typeof value === 'number';
    return reading && fits && first.capabilities[reading] ? [{ part: first, reading, value: value as number | boolean }] : [];
  });
  const attributes = parts.flatMap((part): Meaning[] => {
    const told = part.isPlain || !part.traits ? {} : attributesOf(part, part.traits, words);
    return Object.keys(told).length > 0 ? [{ part, attributes: told }] : [];
  });
  return [...readings, ...attributes];
}

function attributesOf({ suffix }: Part, traits: Traits, words: Readonly<Record<string, unknown>>): Attributes {
  const word = (name: string): unknown => words[suffix === undefined ? name : `${name}_${suffix}`];
  const [state, brightness, mired, color] = [word('state'), word('brightness'), word('color_temp'), word('color')];
  const isWhite = word('color_mode') === 'color_temp' || !traits.color;
  const xy = color as { x?: unknown; y?: unknown } | undefined;
  return {
    ...((state === 'ON' || state === 'OFF') && { on: state === 'ON' }),
    ...(typeof brightness === 'number' && traits.brightness && { brightness: Math.round((brightness / 254) * 1000) / 10 }),
    ...(typeof mired === 'number' && mired > 0 && traits.mired && isWhite && { colorTemperature: Math.round(1e6 / mired) }),
    ...(typeof xy?.x === 'number' && typeof xy.y === 'number' && traits.color && !isWhite && { color: { x: xy.x, y: xy.y } }),
  };
}

const exposesOf = (definition: Definition | undefined, device: Models.Device) =>
  (typeof definition?.exposes === 'function' ? definition.exposes(device, {}) : (definition?.exposes ?? [])) as Expose[];

interface PartsInput extends Omit<NodeOptions, 'name'> {
  exposes: readonly Expose[];
  buttons: Buttons | undefined;
}

function partsOf({ device, definition, exposes, knowsOneTransition, buttons }: PartsInput): Part[] {
  const parts: Part[] = [];
  const endpoints = device.endpoints.filter(({ ID }) => ID !== GREEN_POWER);
  for (const expose of exposes) {
    if (expose.type !== 'light' && expose.type !== 'switch') continue;
    const endpoint = endpointOf({ device, definition, expose }) ?? endpoints[0];
    if (!endpoint || parts.some(({ endpoint: { ID } }) => ID === endpoint.ID)) continue;
    const traits = {
      ...traitsOf({ expose, definition, endpoint }),
      oneTransition: knowsOneTransition || device.manufacturerName === 'IKEA of Sweden',
    };
    const isPlain = endpoint.supportsInputCluster('genOnOff');
    const answers = definition?.meta?.disableDefaultResponse !== true;
    parts.push({
      id: `zigbee:${device.ieeeAddr}/${endpoint.ID}`,
      endpoint,
      suffix: expose.endpoint,
      traits,
      isPlain,
      answers,
      capabilities: capabilitiesOf(traits),
    });
  }
  const own = sensed(exposes, buttons);
  if (Object.keys(own).length === 0) return parts;
  const [first] = parts;
  if (first) {
    first.capabilities = { ...first.capabilities, ...own };
    return parts;
  }
  const endpoint = endpoints.find((each) => SENSING.some((cluster) => each.supportsInputCluster(cluster))) ?? endpoints[0];
  return endpoint
    ? [{ id: `zigbee:${device.ieeeAddr}/${endpoint.ID}`, endpoint, suffix: undefined, isPlain: false, answers: true, capabilities: own }]
    : [];
}

/** A battery alone makes no device of the house. */
function sensed(exposes: readonly Expose[], buttons: Buttons | undefined): Capabilities {
  const readings = exposes.flatMap(({ name = '' }) => READINGS[name] ?? []);
  const { capability } = buttons ?? {};
  if (!capability && readings.every((reading) => reading === 'battery')) return {};
  return { ...Object.fromEntries(readings.map((reading) => [reading, true])), ...(capability && { button: capability }) };
}

function endpointOf({ device, definition, expose }: { device: Models.Device; definition: Definition | undefined; expose: Expose }) {
  if (expose.endpoint === undefined) return device.endpoints.find((each) => each.supportsInputCluster('genOnOff'));
  const id = definition?.endpoint?.(device)[expose.endpoint];
  return id === undefined ? undefined : device.getEndpoint(id);
}

interface TraitsInput {
  expose: Expose;
  definition: Definition | undefined;
  endpoint: Models.Endpoint;
}

function traitsOf({ expose: { features = [] }, definition, endpoint }: TraitsInput): Omit<Traits, 'oneTransition'> {
  const feature = (name: string) => features.find((each) => each.name === name);
  const whites = feature('color_temp');
  return {
    brightness: feature('brightness') !== undefined,
    color: feature('color_xy') !== undefined || feature('color_hs') !== undefined,
    ...(whites && { mired: whitesOf(endpoint, whites) }),
    noOptions: definition?.meta?.omitOptionalLevelAndColorParams === true,
  };
}

/** As the lamp itself says, if it does and makes sense, otherwise as its make has them. */
function whitesOf(
  endpoint: Models.Endpoint,
  { value_min = DEFAULT_MIRED.min, value_max = DEFAULT_MIRED.max }: Expose,
): { min: number; max: number } {
  const own = (name: 'colorTempPhysicalMin' | 'colorTempPhysicalMax') =>
    Number(endpoint.getClusterAttributeValue('lightingColorCtrl', name));
  const [min, max] = [own('colorTempPhysicalMin'), own('colorTempPhysicalMax')];
  return min >= 50 && max <= 1000 && min < max ? { min, max } : { min: value_min, max: value_max };
}

/** Until a person gives it one: what it is, and the end of its address to tell it from its like. */
function defaultName({ ieeeAddr, manufacturerName = '', modelID = 'device' }: Models.Device, definition: Definition | undefined): string {
  const what = definition ? `${definition.vendor} ${definition.model}` : `${manufacturerName} ${modelID}`;
  return `${what.trim()} ${ieeeAddr.slice(-4)}`;
}
