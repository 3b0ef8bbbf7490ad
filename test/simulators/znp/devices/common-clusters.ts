import { Writer } from '../serial/bytes.ts';
import { type Attribute, type Cluster, clusterId, fixed, setting } from '../zcl/cluster.ts';
import { zclStatus } from '../zcl/frame.ts';
import { zclType } from '../zcl/types.ts';

/** Commands of the groups cluster; answers have the same ids. */
const groupsCommand = {
  add: 0x00,
  view: 0x01,
  membership: 0x02,
  remove: 0x03,
  removeAll: 0x04,
} as const;

/** Commands of the identify cluster. */
const identifyCommand = {
  identify: 0x00,
  triggerEffect: 0x40,
} as const;

export interface Make {
  manufacturer: string;
  model: string;
  battery: boolean;
}

export function basicCluster({ manufacturer, model, battery }: Make): Cluster {
  return {
    id: clusterId.basic,
    attributes: new Map<number, Attribute>([
      [0x0000, fixed(zclType.uint8, 3)],
      [0x0001, fixed(zclType.uint8, 2)],
      [0x0002, fixed(zclType.uint8, 1)],
      [0x0003, fixed(zclType.uint8, 1)],
      [0x0004, fixed(zclType.string, manufacturer)],
      [0x0005, fixed(zclType.string, model)],
      [0x0006, fixed(zclType.string, '20240301')],
      [0x0007, fixed(zclType.enum8, battery ? 3 : 1)],
      [0x4000, fixed(zclType.string, '1.2.3')],
    ]),
    commands: {},
  };
}

/** `identified` is called with the seconds that a device should make itself known. */
export function identifyCluster(identified: (seconds: number) => void): Cluster {
  const time = setting(zclType.uint16, 0);
  return {
    id: clusterId.identify,
    attributes: new Map<number, Attribute>([[0x0000, time]]),
    commands: {
      [identifyCommand.identify]: (fields) => {
        identified(fields.u16());
        return zclStatus.success;
      },
      [identifyCommand.triggerEffect]: (fields) => {
        fields.u8();
        fields.u8();
        identified(1);
        return zclStatus.success;
      },
    },
  };
}

/** How many groups a lamp can be in. */
const groupCapacity = 16;

export function groupsCluster(groups: Set<number>): Cluster {
  const answer = (command: number, result: number, group: number) => ({ command, payload: new Writer().u8(result).u16(group).done() });
  const add = (group: number): number => {
    if (groups.has(group)) return zclStatus.duplicateExists;
    if (groups.size >= groupCapacity) return zclStatus.insufficientSpace;
    groups.add(group);
    return zclStatus.success;
  };
  return {
    id: clusterId.groups,
    attributes: new Map<number, Attribute>([[0x0000, fixed(zclType.bitmap8, 0)]]),
    commands: {
      [groupsCommand.add]: (fields) => {
        const group = fields.u16();
        fields.bytes(fields.u8());
        return answer(groupsCommand.add, add(group), group);
      },
      [groupsCommand.view]: (fields) => {
        const group = fields.u16();
        const known = groups.has(group);
        const payload = new Writer().u8(known ? zclStatus.success : zclStatus.notFound).u16(group);
        return { command: groupsCommand.view, payload: payload.u8(0).done() };
      },
      [groupsCommand.membership]: (fields) => {
        const asked = Array.from({ length: fields.u8() }, () => fields.u16());
        const found = asked.length === 0 ? [...groups] : asked.filter((group) => groups.has(group));
        return {
          command: 0x02,
          payload: new Writer()
            .u8(groupCapacity - groups.size)
            .words(found)
            .done(),
        };
      },
      [groupsCommand.remove]: (fields) => {
        const group = fields.u16();
        return answer(groupsCommand.remove, groups.delete(group) ? zclStatus.success : zclStatus.notFound, group);
      },
      [groupsCommand.removeAll]: () => {
        groups.clear();
        return zclStatus.success;
      },
    },
  };
}

/** A measured value: attribute, type, and what it is now. */
type Measured = readonly [attribute: number, type: number, read: () => number];

/** A cluster of measured values: each changes by the world, is reported, and cannot be set. */
export function measuring(id: number, values: readonly Measured[]): Cluster {
  const attributes = values.map(([attribute, type, read]) => [attribute, { type, read, reportable: true }] as const);
  return { id, attributes: new Map(attributes), commands: {} };
}
