import type { Attributes, Capabilities, Device, DeviceId, Readings } from '../../daemon/devices/device.ts';
import { attributesIn, attributesOf, capabilitiesOf } from './light.ts';
import {
  type HueDevice,
  type HueLight,
  type HueResource,
  type HueRoom,
  type HueScene,
  type HueSense,
  type HueUpdate,
  isOurs,
  resourceSchema,
  updateSchema,
} from './resources.ts';
import { readingsOf, sensorCapabilities, type Touch, touchOf } from './sensors.ts';

/** What an update means for us. Devices are told apart by the id of the light, or of what a sensor or switch is in. */
export type Change =
  | { kind: 'attributes'; light: string; attributes: Attributes }
  | { kind: 'readings'; device: string; readings: Readings }
  | { kind: 'touch'; device: string; touch: Touch }
  | { kind: 'reachability' }
  | { kind: 'list' };

/** A room, a zone or the whole home, as far as one command can reach its lights. */
export interface LightGroup {
  id: string;
  lights: readonly string[];
}

type OfType<Type extends HueResource['type']> = Extract<HueResource, { type: Type }>;

/** The resources of one bridge as it last told them. */
export class HueHouse {
  readonly #resources = new Map<string, HueResource>();

  /**
   * Takes a full picture in place of what was known.
   * @returns how many resources of a kind we read were not as documented, and so passed over
   */
  replace(resources: readonly unknown[]): number {
    this.#resources.clear();
    let unread = 0;
    for (const raw of resources) {
      const { success, data } = resourceSchema.safeParse(raw);
      if (success) this.#resources.set(data.id, data);
      else if (isOurs(raw)) unread += 1;
    }
    return unread;
  }

  /** Takes one entry of an `update` event; undefined for what we do not read or do not know. */
  update(raw: unknown): Change | undefined {
    const update = updateSchema.safeParse(raw).data;
    const known = update && this.#resources.get(update.id);
    if (!known) return undefined;
    const { success, data: now } = resourceSchema.safeParse(merged(known, update));
    if (!success) return undefined;
    this.#resources.set(now.id, now);
    return this.#meaning(now, { known, update });
  }

  /** Ids of the devices there are: lights, and what sensors or switches are in. */
  ids(): string[] {
    return [...this.lights(), ...this.sensors()];
  }

  lights(): string[] {
    return this.#all('light').map(({ id }) => id);
  }

  light(id: string): HueLight | undefined {
    const found = this.#resources.get(id);
    return found?.type === 'light' ? found : undefined;
  }

  /** What sensors, buttons and dials are in. */
  sensors(): string[] {
    return this.#all('device').flatMap(({ id }) => (canSense(this.#sensesIn(id)) ? [id] : []));
  }

  readings(device: string): Readings {
    const owner = this.light(device)?.owner.rid ?? device;
    return Object.assign({}, ...this.#sensesIn(owner).map(readingsOf));
  }

  attributes(id: string): Attributes {
    const light = this.light(id);
    return light ? attributesOf(light) : {};
  }

  /** The device that a light, sensor or switch is part of, as the bridge counts. */
  ownerOf(id: string): string | undefined {
    return this.light(id)?.owner.rid ?? (this.#resources.get(id)?.type === 'device' ? id : undefined);
  }

  /** What has no ZigBee of its own is as reachable as its bridge. */
  reachable(id: string): boolean {
    const owner = this.ownerOf(id);
    const link = this.#all('zigbee_connectivity').find((each) => each.owner.rid === owner);
    return link === undefined || link.status === 'connected';
  }

  groups(): LightGroup[] {
    const rooms = new Map(this.#rooms().map((room) => [room.id, room]));
    return this.#all('grouped_light').flatMap(({ id, owner }) => {
      const room = rooms.get(owner.rid);
      const lights = room ? [...new Set(this.#lightsIn(room, rooms))] : [];
      return lights.length > 1 ? [{ id, lights }] : [];
    });
  }

  scenes(): (HueScene & { room: string | undefined })[] {
    const names = new Map(this.#rooms().map(({ id, metadata }) => [id, metadata?.name]));
    return this.#all('scene').map((scene) => ({ ...scene, room: names.get(scene.group.rid) }));
  }

  describe(bridge: string): Device[] {
    const lights = this.#all('light').map((light) =>
      this.#describe(bridge, { id: light.id, device: light.owner.rid, ...this.#abilities(light) }),
    );
    const sensors = this.sensors().map((id) =>
      this.#describe(bridge, { id, device: id, kind: 'Hue sensor', capabilities: sensorCapabilities(this.#sensesIn(id)) }),
    );
    return [...lights, ...sensors];
  }

  /** A lamp that runs on a battery tells of it; what else senses in the same housing is a device of its own. */
  #abilities(light: HueLight): { kind: string; capabilities: Capabilities } {
    const { battery } = sensorCapabilities(this.#sensesIn(light.owner.rid));
    return { kind: 'Hue lamp', capabilities: { ...capabilitiesOf(light), ...(battery && { battery }) } };
  }

  #describe(bridge: string, own: { id: string; device: string; kind: string; capabilities: Capabilities }): Device {
    const device = this.#resources.get(own.device) as HueDevice | undefined;
    const model = device?.product_data?.product_name ?? device?.product_data?.model_id;
    return {
      id: deviceId(bridge, own.id),
      adapter: 'hue',
      name: device?.metadata.name ?? own.kind,
      ...(model !== undefined && { model }),
      capabilities: own.capabilities,
    };
  }

  #meaning(now: HueResource, { known, update }: { known: HueResource; update: HueUpdate }): Change | undefined {
    switch (now.type) {
      case 'light':
        return { kind: 'attributes', light: now.id, attributes: attributesIn(update, now) };
      case 'zigbee_connectivity':
        return { kind: 'reachability' };
      case 'motion':
      case 'camera_motion':
      case 'light_level':
      case 'temperature':
      case 'device_power':
        return { kind: 'readings', device: this.#deviceOf(now), readings: readingsOf(now) };
      case 'button':
      case 'relative_rotary': {
        // An update may as well be about how often a button repeats.
        const touch = now.type in update ? touchOf(now, this.#sensesIn(now.owner.rid)) : undefined;
        return touch && { kind: 'touch', device: now.owner.rid, touch };
      }
      case 'grouped_light':
        return undefined;
      default:
        return JSON.stringify(known) === JSON.stringify(now) ? undefined : { kind: 'list' };
    }
  }

  /** Where a reading belongs: to what it is in, or to the lamp if that is all there is. */
  #deviceOf({ owner }: HueSense): string {
    if (canSense(this.#sensesIn(owner.rid))) return owner.rid;
    return this.#all('light').find((light) => light.owner.rid === owner.rid)?.id ?? owner.rid;
  }

  #sensesIn(device: string): HueSense[] {
    return [...this.#resources.values()].filter(
      (each): each is HueSense => SENSES.has(each.type) && 'owner' in each && each.owner.rid === device,
    );
  }

  #lightsIn({ children }: HueRoom, rooms: ReadonlyMap<string, HueRoom>): string[] {
    return children.flatMap(({ rid, rtype }) => {
      if (rtype === 'light') return this.light(rid) ? [rid] : [];
      const room = rooms.get(rid);
      if (room) return this.#lightsIn(room, rooms);
      return this.#all('light').flatMap((light) => (light.owner.rid === rid ? [light.id] : []));
    });
  }

  #rooms(): HueRoom[] {
    return [...this.#all('room'), ...this.#all('zone'), ...this.#all('bridge_home')];
  }

  #all<Type extends HueResource['type']>(type: Type): OfType<Type>[] {
    return [...this.#resources.values()].filter((each): each is OfType<Type> => each.type === type);
  }
}

const SENSES: ReadonlySet<string> = new Set<HueSense['type']>([
  'motion',
  'camera_motion',
  'light_level',
  'temperature',
  'device_power',
  'button',
  'relative_rotary',
]);

/** A battery alone makes no sensor. */
const canSense = (senses: readonly HueSense[]): boolean => senses.some(({ type }) => type !== 'device_power');

/** An update names only what changed, feature by feature; of a feature too. */
function merged(known: HueResource, update: HueUpdate): unknown {
  const before: Record<string, unknown> = known;
  const changes = Object.entries(update).map(([name, value]) => [
    name,
    isFeature(value) ? { ...(before[name] as object), ...value } : value,
  ]);
  return { ...before, ...Object.fromEntries(changes), type: known.type };
}

const isFeature = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

export const deviceId = (bridge: string, id: string): DeviceId => `hue:${bridge}.${id}`;

/** Bridge and resource of a device id, or undefined if it is none of ours. */
export function parseDeviceId(device: DeviceId): { bridge: string; id: string } | undefined {
  const [, bridge, id] = /^hue:([0-9a-f]{16})\.(.+)$/.exec(device) ?? [];
  return bridge && id ? { bridge, id } : undefined;
}
