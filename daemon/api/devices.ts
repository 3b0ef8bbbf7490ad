import type { AnnounceRequest, PairingAct, Skip } from '../devices/adapter.ts';
import type { DeviceId } from '../devices/device.ts';
import type { Permissions } from '../devices/permissions.ts';
import type { Actor } from './actor.ts';
import type { ErrorCode, MessageParams } from './errors.ts';

/** Something around the house that an adapter could speak to. */
export interface CandidateView {
  adapter: string;
  /** The hardware's own id. */
  id: string;
  name: string;
  host: string;
  model?: string;
  paired: boolean;
}

export interface DiscoveryView {
  candidates: CandidateView[];
  /** Listed by their bridge, but a person has forgotten them. */
  hidden: { id: DeviceId; name: string }[];
  /** Adapters that could not look. */
  failed: { adapter: string; code: ErrorCode; params: MessageParams }[];
}

export interface PairedView {
  id: string;
  name: string;
  /** Where it was last. */
  host?: string;
}

/** A family of devices. */
export interface AdapterView {
  id: string;
  name: string;
  /** Whether it is named in the configuration. */
  configured: boolean;
  /** Null: its devices need no pairing. */
  pairing: { host: boolean; act: PairingAct; patience: number } | null;
  paired: PairedView[];
  /** Whether it keeps a radio network of its own now. */
  mesh: boolean;
  /** Scenes made elsewhere that a scene of the configuration can take over (`from`). */
  scenes: SceneOrigin[];
}

export interface SceneOrigin {
  id: string;
  name: string;
  /** Where it belongs over there. */
  room?: string;
}

export const ACTIVITIES = ['commanded', 'failed', 'expired', 'hand', 'away', 'back', 'button'] as const;

/** What happened to a device, or what it did. */
export type Activity = (typeof ACTIVITIES)[number];

export interface ActivityEntry {
  /** Epoch ms */
  at: number;
  what: Activity;
  params: MessageParams;
}

/** What the command queue has done since the start, and what it has to do. */
export interface QueueView {
  /** Commands that wait, for their device or their turn. */
  waiting: number;
  /** Calls that wait for their answer. */
  flying: number;
  /** Commands by how they ended. */
  acked: number;
  /** By reason. */
  dropped: Record<string, number>;
  /** By code. */
  failed: Record<string, number>;
  /** Calls of adapters, those for a group counted once. */
  calls: number;
  groupCalls: number;
  /** Times that a bridge said to slow down. */
  rateLimited: number;
  /** ms from being asked for to the first attempt, of the last commands: half, and 95 of 100, took no longer. */
  wait: { p50: number | null; p95: number | null };
}

/**
 * Looks after the devices themselves: finding, pairing, placing, permitting and forgetting them. What changes something
 * names its actor, is audited, and is on disk before it returns.
 * @throws RoomtoneError `api.unknown_device` where the device does not exist
 */
export interface HubDevices {
  /** Looks around for some seconds. */
  discover(signal: AbortSignal): Promise<DiscoveryView>;
  /** Every adapter that the program has. */
  adapters(): Promise<AdapterView[]>;
  /** Waits for a person's act on the device, then writes it into the configuration. @throws RoomtoneError `adapter.*`, `config.*` */
  pair(actor: Actor, request: PairRequest): Promise<PairedView>;
  /** Ends a pairing and takes its address out of the configuration. @throws RoomtoneError `adapter.not_paired`, `config.*` */
  unpair(actor: Actor, request: { adapter: string; id: string; signal: AbortSignal }): Promise<void>;
  /** Puts a device into these rooms and no others, in the configuration. @throws RoomtoneError `api.unknown_room`, `config.*` */
  place(actor: Actor, device: DeviceId, rooms: readonly string[]): Promise<void>;
  permit(actor: Actor, device: DeviceId, permissions: Permissions): void;
  /** Lets it show itself. @throws RoomtoneError `device.*` */
  identify(actor: Actor, device: DeviceId, signal: AbortSignal): Promise<void>;
  /** Goes on to the next of what a player plays, or back. @throws RoomtoneError `api.unsupported_attribute`, `device.*` */
  skip(actor: Actor, device: DeviceId, request: { to: Skip; signal: AbortSignal }): Promise<void>;
  /**
   * Plays something on players over what they play; resolves once it is over and they are as they were.
   * @throws RoomtoneError `api.unsupported_attribute`, `device.*`
   */
  announce(actor: Actor, devices: readonly DeviceId[], request: AnnounceRequest & { signal: AbortSignal }): Promise<void>;
  /** Leaves nothing of it: in no room, no hold, no queue, no topic, no log. @throws RoomtoneError `config.*` */
  forget(actor: Actor, device: DeviceId, signal: AbortSignal): Promise<void>;
  /** Takes back that it was forgotten, where its bridge still lists it. */
  readmit(actor: Actor, device: DeviceId): void;
  /** Newest first. */
  activity(device: DeviceId, limit: number): ActivityEntry[];
  queue(): QueueView;
}

export interface PairRequest {
  adapter: string;
  /** Empty where the adapter needs none. */
  host: string;
  signal: AbortSignal;
  onProgress?: (secondsLeft: number) => void;
}
