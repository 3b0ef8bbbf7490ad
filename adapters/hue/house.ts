import type { Attributes, Device, DeviceId } from '../../daemon/devices/device.ts';
import { attributesIn, attributesOf, capabilitiesOf, updated } from './light.ts';
import { type HueConnectivity, type HueDevice, type HueLight, type HueUpdate, resourceSchema, updateSchema } from './resources.ts';

/** What an update means for us. */
export type Change = { kind: 'attributes'; light: string; attributes: Attributes } | { kind: 'reachability' } | { kind: 'name' };

/** The resources of one bridge as it last told them. */
export class HueHouse {
  readonly #lights = new Map<string, HueLight>();
  readonly #devices = new Map<string, HueDevice>();
  readonly #connectivity = new Map<string, HueConnectivity>();

  /**
   * Takes a full picture in place of what was known.
   * @returns how many resources of a kind we read were not as documented, and so passed over
   */
  replace(resources: readonly unknown[]): number {
    this.#lights.clear();
    this.#devices.clear();
    this.#connectivity.clear();
    let unread = 0;
    for (const raw of resources) {
      const { success, data } = resourceSchema.safeParse(raw);
      if (!success) unread += isOurs(raw) ? 1 : 0;
      else if (data.type === 'light') this.#lights.set(data.id, data);
      else if (data.type === 'device') this.#devices.set(data.id, data);
      else this.#connectivity.set(data.id, data);
    }
    return unread;
  }

  /** Takes one entry of an `update` event; undefined for what we do not read or do not know. */
  update(raw: unknown): Change | undefined {
    const { success, data } = updateSchema.safeParse(raw);
    if (!success) return undefined;
    if (data.type === 'light') return this.#updateLight(data);
    if (data.type === 'device') return this.#updateDevice(data);
    const known = this.#connectivity.get(data.id);
    if (!known || data.status === undefined) return undefined;
    this.#connectivity.set(data.id, { ...known, status: data.status });
    return { kind: 'reachability' };
  }

  lights(): string[] {
    return [...this.#lights.keys()];
  }

  light(id: string): HueLight | undefined {
    return this.#lights.get(id);
  }

  attributes(id: string): Attributes {
    const light = this.#lights.get(id);
    return light ? attributesOf(light) : {};
  }

  /** A lamp without ZigBee of its own is as reachable as its bridge. */
  reachable(id: string): boolean {
    const owner = this.#lights.get(id)?.owner.rid;
    const link = [...this.#connectivity.values()].find((each) => each.owner.rid === owner);
    return link === undefined || link.status === 'connected';
  }

  describe(bridge: string): Device[] {
    return [...this.#lights.values()].map((light) => {
      const device = this.#devices.get(light.owner.rid);
      const model = device?.product_data?.product_name ?? device?.product_data?.model_id;
      return {
        id: deviceId(bridge, light.id),
        adapter: 'hue',
        name: device?.metadata.name ?? 'Hue lamp',
        ...(model !== undefined && { model }),
        capabilities: capabilitiesOf(light),
      };
    });
  }

  #updateLight(update: Extract<HueUpdate, { type: 'light' }>): Change | undefined {
    const light = this.#lights.get(update.id);
    if (!light) return undefined;
    const now = updated(light, update);
    this.#lights.set(update.id, now);
    return { kind: 'attributes', light: update.id, attributes: attributesIn(update, now) };
  }

  #updateDevice(update: Extract<HueUpdate, { type: 'device' }>): Change | undefined {
    const device = this.#devices.get(update.id);
    if (!device || !update.metadata || update.metadata.name === device.metadata.name) return undefined;
    this.#devices.set(update.id, { ...device, metadata: update.metadata });
    return { kind: 'name' };
  }
}

export const deviceId = (bridge: string, light: string): DeviceId => `hue:${bridge}.${light}`;

/** Bridge and light of a device id, or undefined if it is none of ours. */
export function parseDeviceId(device: DeviceId): { bridge: string; light: string } | undefined {
  const [, bridge, light] = /^hue:([0-9a-f]{16})\.(.+)$/.exec(device) ?? [];
  return bridge && light ? { bridge, light } : undefined;
}

const OURS: ReadonlySet<unknown> = new Set(['light', 'device', 'zigbee_connectivity']);

/** Whether a resource is of a type that this adapter reads. */
export const isOurs = (raw: unknown): boolean => typeof raw === 'object' && raw !== null && 'type' in raw && OURS.has(raw.type);
