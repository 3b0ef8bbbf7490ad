import type { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../api/clock.ts';
import type { ErrorCode, MessageParams } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { StatePort } from '../api/ports.ts';
import type { Command, Report } from './command.ts';
import type { Device, DeviceId } from './device.ts';

/** Keeps an adapter's credentials encrypted at rest. Names are the adapter's own; two adapters never see each other's. */
export interface VaultPort {
  get(name: string): string | undefined;
  set(name: string, secret: string): void;
  delete(name: string): void;
}

/** What the hub lends an adapter. */
export interface AdapterContext {
  log: Logger;
  clock: Clock;
  vault: VaultPort;
  /** For facts that are no secrets, under keys that begin with `adapters.<id>.`. */
  state?: StatePort;
}

export interface AdapterEvents {
  report: [Report];
  /** For every device once it is known how it stands, and at each change. Until then it counts as unavailable. */
  availability: [{ device: DeviceId; available: boolean }];
  /** The list of devices changed: call `list` again. */
  devices: [];
  /** Something a person should know or mend, or (null) that it has passed. Keyed by `scope`, such as a bridge. */
  problem: [{ scope: string; problem: { code: ErrorCode; params: MessageParams } | null }];
}

/** How fast one lane of an adapter (a bridge, a coordinator) may be spoken to. */
export interface LaneLimits {
  /** Commands a second, sustained. */
  rate: number;
  /** Commands that may go at once after a pause. */
  burst: number;
  /** Commands waiting for an answer at a time. */
  inFlight: number;
}

/**
 * Speaks to one family of devices. It reports what devices say and carries out commands; it decides nothing, keeps no
 * queue and starts no retry of a command: the command queue does that for all adapters alike.
 */
export interface Adapter extends Part {
  /**
   * Resolves when the adapter is at work, which includes trying to reach what is away: an unreachable bridge is a
   * `problem`, not a failure to start.
   */
  start(): Promise<void>;
  /** Folder name, and the part of a device id before the colon. */
  readonly id: string;
  readonly events: EventEmitter<AdapterEvents>;
  /** Devices known now; the last known ones while a bridge is away. */
  list(): Device[];
  /** The lane a device's commands share, and its limits. Answers for any id of this adapter, listed or not. */
  lane(device: DeviceId): { key: string; limits: LaneLimits };
  /**
   * Sends one command and resolves when the device (or its bridge) has taken it.
   * @throws RoomtoneError `retryable` if the queue may try it again
   */
  apply(command: Command, signal: AbortSignal): Promise<void>;
}

/** Progress of a pairing that waits for a person's act. */
export interface PairingProgress {
  /** Seconds left for it. */
  secondsLeft: number;
}

/** What an adapter's folder exports. One line in adapters/index.ts makes it known. */
export interface AdapterModule<Options = unknown> {
  id: string;
  /** Of its section under `adapters:` in the configuration. */
  options: z.ZodType<Options>;
  create(options: Options, context: AdapterContext): Adapter;
  /**
   * Waits for the person's act (a link button), then keeps the credentials in the vault.
   * @throws RoomtoneError when nobody acted in time, or the address does not answer
   */
  pair?(request: PairingRequest, context: AdapterContext): Promise<PairingResult>;
  /** Its section with what was paired at this address in it. */
  withHost?(options: Options, host: string): Options;
}

export interface PairingRequest {
  /** Host name or address, with an optional port. */
  host: string;
  signal: AbortSignal;
  onProgress(progress: PairingProgress): void;
}

export interface PairingResult {
  /** The hardware's own id of what was paired. */
  id: string;
  name: string;
}
