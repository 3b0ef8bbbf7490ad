import type { Reader } from '../serial/bytes.ts';
import { zclStatus } from './frame.ts';
import type { ZclValue } from './types.ts';

export interface Attribute {
  /** One of `zclType`. */
  type: number;
  read(): ZclValue;
  /** Takes a value and answers a status; absent where it can only be read. */
  write?(value: ZclValue): number;
  reportable?: boolean;
}

/** What became of a command: a status, or a command of the cluster in answer to it. */
export type Outcome = number | { command: number; payload: Buffer };

export interface CommandContext {
  /** It came by a group or broadcast: answers stay away. */
  toMany: boolean;
}

/** The server side of a cluster at an endpoint. */
export interface Cluster {
  id: number;
  attributes: ReadonlyMap<number, Attribute>;
  /** Each reads its own fields; one that is too short throws WrongLength, more bytes than expected are allowed by the standard. */
  commands: Readonly<Record<number, (fields: Reader, context: CommandContext) => Outcome>>;
}

export const clusterId = {
  basic: 0x0000,
  powerConfiguration: 0x0001,
  identify: 0x0003,
  groups: 0x0004,
  onOff: 0x0006,
  levelControl: 0x0008,
  colorControl: 0x0300,
  illuminance: 0x0400,
  temperature: 0x0402,
  occupancySensing: 0x0406,
} as const;

/** An attribute whose value never changes by itself. */
export const fixed = (type: number, value: ZclValue): Attribute => ({ type, read: () => value });

/** An attribute that a host may set, within what `allows` says. */
export function setting(type: number, initial: number, allows: (value: number) => boolean = () => true): Attribute & { value: number } {
  const attribute: Attribute & { value: number } = {
    type,
    value: initial,
    read: () => attribute.value,
    write(value: ZclValue): number {
      if (typeof value !== 'number' || !allows(value)) return zclStatus.invalidValue;
      attribute.value = value;
      return zclStatus.success;
    },
  };
  return attribute;
}
