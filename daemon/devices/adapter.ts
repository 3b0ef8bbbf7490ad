import type { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../api/clock.ts';
import type { ErrorCode, MessageParams } from '../api/errors.ts';
import type { StatePort } from '../api/ports.ts';
import type { Command, GroupCommand, Report } from './command.ts';
import type { AttributeName, Attributes, ButtonAction, Device, DeviceId, ReadingName, Readings } from './device.ts';
import type { Candidate, DiscoveryPort } from './discovery.ts';
import type { MeshPort } from './mesh.ts';

/** Keeps an adapter's credentials encrypted at rest. Names are the adapter's own; two adapters never see each other's. */
export interface VaultPort {
  get(name: string): string | undefined;
  set(name: string, secret: string): void;
  delete(name: string): void;
  /** Sorted. */
  names(): string[];
}

/** What the hub lends an adapter. */
export interface AdapterContext {
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1): the jitter of retries. */
  random: () => number;
  vault: VaultPort;
  /** For facts that are no secrets, under keys that begin with `adapters.<id>.`. */
  state: StatePort;
  /** To find again what has a new address. */
  discovery: DiscoveryPort;
  /** Makes and gives a folder of the adapter's own, for what a library insists on keeping in files. Nothing secret goes there in the clear. */
  folder: () => string;
}

/** What a sensor measured. */
export interface Reading<Name extends ReadingName = ReadingName> {
  device: DeviceId;
  reading: Name;
  value: NonNullable<Readings[Name]>;
  /** ms of CLOCK_MONOTONIC */
  at: number;
  kind: Report['kind'];
}

/** A person used a button or dial. */
export interface ButtonEvent {
  device: DeviceId;
  /** Counted from 1. */
  button: number;
  action: ButtonAction;
  /** On `turn`: degrees, clockwise positive. */
  degrees?: number;
  /** ms of CLOCK_MONOTONIC */
  at: number;
}

/** All that an adapter says of its own accord. To listen is to watch its devices. */
export interface AdapterEvents {
  report: [Report];
  reading: [Reading];
  button: [ButtonEvent];
  /** For every device once it is known how it stands, and at each change. Until then it counts as unavailable. */
  availability: [{ device: DeviceId; available: boolean }];
  /** Devices, their names, abilities or groups changed: call `list` and `groups` again. */
  devices: [];
  /** What `mesh` tells changed. */
  mesh: [];
  /** Something a person should know or mend, or (null) that it has passed. Keyed by `scope`, such as a bridge. */
  problem: [{ scope: string; problem: { code: ErrorCode; params: MessageParams } | null }];
}

export interface PaceLimits {
  /** Commands a second, sustained. */
  rate: number;
  /** Commands that may go at once after a pause. */
  burst: number;
}

/** How fast one lane of an adapter (a bridge, a coordinator) may be spoken to. */
export interface LaneLimits extends PaceLimits {
  /** Commands waiting for an answer at a time. */
  inFlight: number;
}

/** The way that commands to a device take. */
export interface Route {
  /** Of what is shared; begins with the adapter's id. */
  key: string;
  limits: LaneLimits;
  /** Where a single device bears less than the lane. */
  perDevice?: PaceLimits;
}

/** Devices that one command reaches together: a bridge's zone, a Zigbee group. */
export interface DeviceGroup {
  /** Unique within the adapter. */
  id: string;
  members: readonly DeviceId[];
  /** What a command to it can carry. Absent: whatever its members can do. */
  attributes?: readonly AttributeName[];
  /** Commands to groups, in the lane of their members. They count against the lane's limits as well. */
  pace: PaceLimits;
}

/** A scene that somebody made elsewhere, in the app of a bridge: what it makes of each device. */
export interface AdapterScene {
  /** Begins with the adapter's id and a colon, the rest being the hardware's own id. */
  id: string;
  name: string;
  /** The room or zone that it belongs to over there. */
  room?: string;
  devices: Readonly<Record<DeviceId, Attributes>>;
}

/**
 * Speaks to one family of devices. It reports what devices say and carries out commands; it decides nothing, keeps no
 * queue and starts no retry of a command: the command queue does that for all adapters alike. docs/adapters/writing-one.md
 * takes a newcomer through it.
 */
export interface Adapter {
  /** Folder name, and the part of a device id before the colon. */
  readonly id: string;
  readonly events: EventEmitter<AdapterEvents>;
  /**
   * Resolves when the adapter is at work, which includes trying to reach what is away: an unreachable bridge is a
   * `problem`, not a failure to start. What it throws is shown, and it is tried again after a while with a new instance.
   * @param signal aborts when it has taken too long, or the hub stops
   */
  start(signal: AbortSignal): Promise<void>;
  /** Ends everything it opened: timers, sockets, children, files. May be called more than once, and before or during `start`. */
  close(): Promise<void>;
  /** Devices known now; the last known ones while a bridge is away. */
  list(): Device[];
  /**
   * Whether a device that is not listed is gone for good rather than out of sight: its bridge has given its whole list, or
   * is no longer configured.
   */
  isGone(device: DeviceId): boolean;
  /** Answers for any id of this adapter, listed or not. */
  route(device: DeviceId): Route;
  /**
   * Sends one command and resolves when the device (or its bridge) has taken it.
   * @throws RoomtoneError `retryable` if the queue may try it again; `device.rate_limited` slows the whole lane down
   */
  apply(command: Command, signal: AbortSignal): Promise<void>;
  /** Sets of devices that one command can reach; needs `applyToGroup`. */
  groups?(): readonly DeviceGroup[];
  /** As `apply`, for all members at once. Reports come for each of them. @throws RoomtoneError as `apply` */
  applyToGroup?(command: GroupCommand, signal: AbortSignal): Promise<void>;
  /** Scenes made elsewhere, as they stand now; `devices` says when they changed. */
  scenes?(): readonly AdapterScene[];
  /** Lets the device show itself to whoever stands in the room: a blink, a chime. Leaves it as it was. @throws RoomtoneError */
  identify?(device: DeviceId, signal: AbortSignal): Promise<void>;
  /** Goes on to the next of what a player plays, or back. @throws RoomtoneError */
  skip?(device: DeviceId, to: Skip, signal: AbortSignal): Promise<void>;
  /**
   * Plays something on these players over what they play, and leaves them as they were. Resolves once it is over.
   * @throws RoomtoneError where none of them could
   */
  announce?(devices: readonly DeviceId[], request: AnnounceRequest, signal: AbortSignal): Promise<void>;
  /**
   * A person does not want the device any more: takes it out of the network where there is one (Zigbee), and drops what
   * was kept of it. A device that its bridge goes on listing may stay listed: the registry hides it.
   * @throws RoomtoneError where it could not be told; it is forgotten all the same
   */
  forget?(device: DeviceId, signal: AbortSignal): Promise<void>;
  /** As in the module, where only what runs can do it: a coordinator lets devices join. It goes before the module's. */
  pair?(request: PairingRequest): Promise<PairingResult>;
  /**
   * Sets of devices that are often wished the same of: the rooms of the house. An adapter whose devices can be in groups makes
   * them of these, in its own time, and shows them in `groups`. Called again whenever rooms or devices change.
   */
  gather?(sets: readonly (readonly DeviceId[])[]): void;
  /** The radio network that it keeps, if its devices are in one. */
  readonly mesh?: MeshPort;
}

export const SKIPS = ['next', 'previous'] as const;
export type Skip = (typeof SKIPS)[number];

export interface AnnounceRequest {
  /** `http://` or `https://`, where the players can reach it. */
  url: string;
  /** 0..100; absent: as loud as the music. */
  volume?: number | undefined;
}

/** Progress of a pairing that waits for a person's act. */
export interface PairingProgress {
  /** Seconds left for it. */
  secondsLeft: number;
}

/**
 * What a person does: `link-button`: presses the one on the bridge; `join`: makes devices join, each by its own manual;
 * `none`: nothing, an address is enough, and `pair` only makes sure that what was meant answers there.
 */
export const PAIRING_ACTS = ['link-button', 'join', 'none'] as const;
export type PairingAct = (typeof PAIRING_ACTS)[number];

/** What an adapter's folder exports. One line in adapters/index.ts makes it known. */
export interface AdapterModule<Options = unknown> {
  id: string;
  /** As people call the family. */
  name: string;
  /** Of its section under `adapters:` in the configuration. */
  options: z.ZodType<Options>;
  /** Remembers, opens nothing. */
  create(options: Options, context: AdapterContext): Adapter;
  /**
   * It holds something that cannot be held twice (a serial port): when its section changes, the old instance is closed
   * before the new one starts, and put back to work if that one cannot. Otherwise the new one starts beside the old.
   */
  exclusive?: true;
  /** Looks for what could be paired or configured. Leaves out nothing that is paired already. */
  discover?(network: DiscoveryPort, signal: AbortSignal): Promise<Candidate[]>;
  /** The person's act that `pair` waits for. */
  pairing?: {
    /** Whether `pair` needs an address. */
    host: boolean;
    act: PairingAct;
    /** Time for it, seconds. */
    patience: number;
  };
  /**
   * Waits for the person's act, then keeps the credentials in the vault.
   * @throws RoomtoneError when nobody acted in time, or the address does not answer
   */
  pair?(request: PairingRequest, context: AdapterContext): Promise<PairingResult>;
  /** What was paired: its credentials lie in the vault. */
  paired?(context: AdapterContext): PairedHost[];
  /** Ends a pairing: no credential of it is left in the vault, and it is told so where it can be. */
  unpair?(id: string, context: AdapterContext, signal: AbortSignal): Promise<void>;
  /** Its section with what was paired at this address in it. */
  withHost?(options: Options, host: string): Options;
  /** Its section without that address. */
  withoutHost?(options: Options, host: string): Options;
}

export interface PairingRequest {
  /** Host name or address, with an optional port; empty where the adapter needs none. */
  host: string;
  signal: AbortSignal;
  onProgress(progress: PairingProgress): void;
}

export interface PairingResult {
  /** The hardware's own id of what was paired. */
  id: string;
  name: string;
  /** The address by which the configuration knows it already, if it is another than the one asked for. */
  host?: string;
}

export interface PairedHost extends PairingResult {
  /** Its address in the configuration. */
  host?: string;
}
