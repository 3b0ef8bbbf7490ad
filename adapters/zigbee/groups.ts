import type { Models } from 'zigbee-herdsman';
import { z } from 'zod';
import type { StatePort } from '../../daemon/api/ports.ts';
import type { DeviceGroup, PaceLimits } from '../../daemon/devices/adapter.ts';
import { deviceIdSchema } from '../../daemon/devices/attributes.ts';
import type { AttributeName, DeviceId } from '../../daemon/devices/device.ts';
import type { Chores } from './chores.ts';
import type { Driver } from './driver.ts';
import type { Part } from './node.ts';

/**
 * Every router repeats what is said to a group, and must be able to remember at least nine such messages for nine seconds
 * (Zigbee specification, 3.6.5); a command may be two of them.
 */
const PACE: PaceLimits = { rate: 0.5, burst: 2 };

/** Where the hub begins to count its groups: others, which people made with a remote, are rarely this far up. */
const FIRST = 0x5200;

const STATE = 'adapters.zigbee.groups';
const recordsSchema = z.array(z.object({ id: z.number().int(), members: z.array(deviceIdSchema) }));
type GroupRecord = z.infer<typeof recordsSchema>[number];

export const GROUP_ATTRIBUTES = ['on', 'brightness', 'color', 'colorTemperature'] as const satisfies readonly AttributeName[];

export interface GroupsOptions {
  state: StatePort;
  chores: Chores;
  /** Undefined while the coordinator is away. */
  driver: () => Driver | undefined;
  part: (device: DeviceId) => Part | undefined;
  isAvailable: (device: DeviceId) => boolean;
  onChange: () => void;
}

/** One group for the lamps of a room that can do the same, so that what they are to do together is one command. */
export class ZigbeeGroups {
  readonly #options: GroupsOptions;
  #sets: readonly (readonly DeviceId[])[] = [];
  #records: GroupRecord[] = [];

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  load(): void {
    this.#records = this.#options.state.get(STATE, recordsSchema) ?? [];
  }

  gather(sets: readonly (readonly DeviceId[])[]): void {
    if (JSON.stringify(sets) === JSON.stringify(this.#sets)) return;
    this.#sets = sets;
    this.mend();
  }

  /** Those that all their members know, and nobody else. */
  list(): DeviceGroup[] {
    return this.#records.flatMap(({ id, members }) => {
      const known = this.#options.driver()?.getGroupByID(id)?.members ?? [];
      const parts = this.#partsOf(members);
      const isWhole =
        parts.length === members.length && known.length === parts.length && parts.every(({ endpoint }) => known.includes(endpoint));
      return isWhole && members.length > 1 ? [{ id: groupId(id), members, attributes: GROUP_ATTRIBUTES, pace: PACE }] : [];
    });
  }

  /** What is behind the id of a group that is listed. */
  find(id: string): { group: Models.Group; parts: Part[] } | undefined {
    const record = this.#records.find((each) => groupId(each.id) === id);
    const group = record && this.#options.driver()?.getGroupByID(record.id);
    return group && { group, parts: this.#partsOf(record.members) };
  }

  /** Makes the groups what they are to be, as far as members can be reached; to be called whenever one can again. */
  mend(): void {
    const driver = this.#options.driver();
    if (!driver) return;
    this.#assign(driver);
    for (const record of this.#records) this.#options.chores.add(`group ${record.id}`, () => this.#mend(record));
  }

  /** Gives each set the group that has most of it already, or a new one. */
  #assign(driver: Driver): void {
    const before = [...this.#records];
    const assigned = this.#wanted().map((members): GroupRecord => {
      const [best] = before.toSorted((a, b) => common(b, members) - common(a, members));
      if (!best || common(best, members) === 0) return { id: 0, members };
      before.splice(before.indexOf(best), 1);
      return { id: best.id, members };
    });
    const taken = new Set([...assigned, ...before].map(({ id }) => id));
    for (const record of assigned) {
      for (let id = FIRST; record.id === 0; id += 1) if (!taken.has(id) && !driver.getGroupByID(id)) record.id = id;
      taken.add(record.id);
    }
    const records = [...assigned, ...before.map(({ id }) => ({ id, members: [] }))];
    if (JSON.stringify(records) === JSON.stringify(this.#records)) return;
    this.#records = records;
    this.#options.state.set(STATE, records);
  }

  /** Lamps of a room that can do the same. */
  #wanted(): DeviceId[][] {
    return this.#sets.flatMap((set) => {
      const alike = Map.groupBy(this.#partsOf(set).filter(canJoin), ({ capabilities }) => Object.keys(capabilities).sort().join());
      return [...alike.values()].filter(({ length }) => length > 1).map((parts) => parts.map(({ id }) => id));
    });
  }

  async #mend({ id, members }: GroupRecord): Promise<void> {
    const { driver: current, isAvailable, onChange } = this.#options;
    const driver = current();
    if (!driver) return;
    const group = driver.getGroupByID(id) ?? driver.createGroup(id);
    const wanted = new Set(this.#partsOf(members).map(({ endpoint }) => endpoint));
    const before = JSON.stringify(this.list());
    for (const part of this.#partsOf(members)) {
      if (!group.hasMember(part.endpoint) && isAvailable(part.id)) await part.endpoint.addToGroup(group).catch(() => {});
    }
    for (const endpoint of group.members) if (!wanted.has(endpoint)) await endpoint.removeFromGroup(group).catch(() => {});
    if (JSON.stringify(this.list()) !== before) onChange();
  }

  #partsOf(devices: readonly DeviceId[]): Part[] {
    return devices.flatMap((device) => this.#options.part(device) ?? []);
  }
}

const canJoin = ({ traits, isPlain, endpoint }: Part): boolean =>
  traits !== undefined && isPlain && endpoint.supportsInputCluster('genGroups');

const common = ({ members }: GroupRecord, wanted: readonly DeviceId[]): number => members.filter((each) => wanted.includes(each)).length;

const groupId = (id: number): string => `zigbee:group/${id}`;
