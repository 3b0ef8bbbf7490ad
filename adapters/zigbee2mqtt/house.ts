import type { DeviceGroup, PaceLimits } from '../../daemon/devices/adapter.ts';
import type { AttributeName, Device, DeviceId } from '../../daemon/devices/device.ts';
import { capabilitiesOf, type Features, partsOf } from './features.ts';
import type { BridgeDevice, BridgeGroup } from './payloads.ts';

/** One device of ours: a lamp, a plug, a sensor, or one of several in a housing. */
export interface Unit {
  device: Device;
  features: Features;
  /** Of what it is in. */
  ieee: string;
  endpoint?: string;
}

/** What has one radio, and so one name and one topic. */
export interface Housing {
  ieee: string;
  /** As people named it: its topic below the base. */
  name: string;
  told: BridgeDevice;
  units: readonly Unit[];
}

/** A group whose members are all ours. */
export interface Group {
  id: string;
  name: string;
  members: readonly Unit[];
}

/**
 * Everybody hears a message to a group, and passes it on: a Zigbee network bears some nine such broadcasts in nine seconds
 * (nwkBroadcastDeliveryTime and the broadcast transaction table, Zigbee specification §3.6.6).
 */
const GROUP_PACE: PaceLimits = { rate: 0.8, burst: 1 };

const GROUP_ATTRIBUTES = ['on', 'brightness', 'color', 'colorTemperature'] as const satisfies readonly AttributeName[];

/** The housings and groups of one Zigbee2MQTT, as it last told them. */
export class Zigbee2MqttHouse {
  #housings = new Map<string, Housing>();
  #byName = new Map<string, Housing>();
  #units = new Map<DeviceId, Unit>();
  #groups: readonly BridgeGroup[] = [];
  /** It has given its whole list: what is not on it is gone. */
  isWhole = false;

  replaceDevices(devices: readonly BridgeDevice[], isWhole: boolean): void {
    const before = this.#housings;
    const housings = devices.filter(({ type }) => type !== 'Coordinator').map((told) => housingOf(told, before.get(told.ieee_address)));
    this.#housings = new Map(housings.map((each) => [each.ieee, each]));
    this.#byName = new Map(housings.map((each) => [each.name, each]));
    this.#units = new Map(housings.flatMap(({ units }) => units.map((unit) => [unit.device.id, unit] as const)));
    this.isWhole = isWhole;
  }

  replaceGroups(groups: readonly BridgeGroup[]): void {
    this.#groups = groups;
  }

  housings(): Housing[] {
    return [...this.#housings.values()];
  }

  housing(ieee: string): Housing | undefined {
    return this.#housings.get(ieee);
  }

  named(name: string): Housing | undefined {
    return this.#byName.get(name);
  }

  unit(id: DeviceId): Unit | undefined {
    return this.#units.get(id);
  }

  units(): Unit[] {
    return [...this.#units.values()];
  }

  /** One that is being interviewed may yet turn out to have it. */
  isGone(id: DeviceId): boolean {
    if (!this.isWhole || this.#units.has(id)) return false;
    const [ieee = ''] = id.slice(id.indexOf(':') + 1).split('/');
    const housing = this.#housings.get(ieee);
    return !housing || (housing.told.definition ?? null) !== null;
  }

  /** Those that reach two lamps or more, all of them ours and of Zigbee's own kind. */
  groups(): Group[] {
    return this.#groups.flatMap(({ id, friendly_name: name, members }) => {
      const units = members.flatMap(({ ieee_address, endpoint }) => this.#member(ieee_address, endpoint) ?? []);
      const isOurs =
        units.length === members.length && units.length > 1 && units.every(({ features }) => features.keepsState && features.fades);
      return isOurs ? [{ id: groupId(id), name, members: units }] : [];
    });
  }

  describeGroups(): DeviceGroup[] {
    return this.groups().map(({ id, members }) => ({
      id,
      members: members.map(({ device }) => device.id),
      attributes: GROUP_ATTRIBUTES,
      pace: GROUP_PACE,
    }));
  }

  /** A group has endpoints by number, our devices by name; a housing of one thing has no names. */
  #member(ieee: string, endpoint: number): Unit | undefined {
    const housing = this.#housings.get(ieee);
    const name = housing?.told.endpoints[String(endpoint)]?.name ?? undefined;
    return housing?.units.find((unit) => unit.endpoint === name) ?? housing?.units.find((unit) => unit.endpoint === undefined);
  }
}

const groupId = (id: number): string => `zigbee2mqtt:group.${id}`;

/** What is interviewed again stays what it was until it is known to be something else. */
function housingOf(told: BridgeDevice, before: Housing | undefined): Housing {
  const { ieee_address: ieee, friendly_name: name } = told;
  if (!told.definition) {
    const units = before?.units ?? [];
    return { ieee, name, told, units: units.map((unit) => ({ ...unit, device: { ...unit.device, name: nameOf(name, unit.endpoint) } })) };
  }
  const { vendor, model } = told.definition;
  const units = partsOf(told).map(({ endpoint, features }): Unit => {
    const id: DeviceId = `zigbee2mqtt:${endpoint === undefined ? ieee : `${ieee}/${endpoint}`}`;
    const device = {
      ...{ id, adapter: 'zigbee2mqtt', name: nameOf(name, endpoint), model: `${vendor} ${model}` },
      capabilities: capabilitiesOf(features),
    };
    return { device, features, ieee, ...(endpoint !== undefined && { endpoint }) };
  });
  return { ieee, name, told, units };
}

const nameOf = (name: string, endpoint: string | undefined): string => (endpoint === undefined ? name : `${name} ${endpoint}`);
