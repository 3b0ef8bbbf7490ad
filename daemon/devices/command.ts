import type { AttributeName, Attributes, DeviceId } from './device.ts';

/** What the arbiter decided for one device at one moment. */
export interface Command {
  id: string;
  device: DeviceId;
  attributes: Attributes;
  /** Seconds */
  transition: number;
  /** Ids of the claims that won these attributes. Never empty. */
  cause: readonly string[];
  /** Id of the observation that set it off, where one did. */
  trigger?: string;
}

/** One command in place of equal ones for every member of a group. */
export interface GroupCommand {
  /** Id of the group within its adapter. */
  group: string;
  attributes: Attributes;
  /** Seconds */
  transition: number;
  /** What it stands for, one for each member: reports and queue events speak of these. */
  commands: readonly Command[];
}

export type QueuePhase = 'queued' | 'sent' | 'acked' | 'dropped' | 'failed';

/** The course of a command through the queue. */
export interface QueueEvent {
  phase: QueuePhase;
  command: Command;
  /** ms of CLOCK_MONOTONIC */
  at: number;
  /** On `dropped`: why; on `failed`: the error's code. */
  reason?: string;
}

/** What a device says of itself. */
export interface Report<Name extends AttributeName = AttributeName> {
  device: DeviceId;
  attribute: Name;
  value: NonNullable<Attributes[Name]>;
  /** ms of CLOCK_MONOTONIC */
  at: number;
  /**
   * `command`: the device names our own command as the cause. `external`: it names another. `device`: nobody did it, as where music has
   * come to its end.
   */
  origin: 'command' | 'external' | 'device' | 'unknown';
  commandId?: string;
  /** The device is on its way to another value. */
  transitional: boolean;
  /** `event`: it told us; `poll`: we asked; `resync`: the first picture after a gap. */
  kind: 'event' | 'poll' | 'resync';
}
