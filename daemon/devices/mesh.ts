import type { DeviceId } from './device.ts';

export const MESH_STATES = ['starting', 'online', 'offline'] as const;

/** `starting`: not reached yet; `offline`: reached once, and away now. */
export type MeshState = (typeof MESH_STATES)[number];

export const JOINING_STEPS = ['joined', 'interviewing', 'configuring', 'ready', 'failed'] as const;

/** How far a device is on its way in. `failed`: it did not say what it is; it can be asked again. */
export type JoiningStep = (typeof JOINING_STEPS)[number];

export const POWER_SOURCES = ['mains', 'battery', 'unknown'] as const;
export type PowerSource = (typeof POWER_SOURCES)[number];

/** A piece of hardware in a mesh. It may be several devices: a wall plate with two switches. */
export interface MeshNode {
  /** The hardware's own id, such as `0x00158d0001abcdef`. */
  id: string;
  name: string;
  vendor?: string;
  model?: string;
  /** What it is to the house; none while it has not said what it is, or where it does nothing that the house knows. */
  devices: readonly DeviceId[];
  power: PowerSource;
  /** Of the last message heard, 0..255, as its coordinator measures it. */
  linkQuality?: number;
  /** What is left of it, % */
  battery?: number;
  /** Epoch ms */
  lastSeen?: number;
  available: boolean;
  /** While it is on its way in, and for as long as it failed to come in. */
  joining?: JoiningStep;
}

/** A radio network that an adapter keeps, by a coordinator or through a program that has one. */
export interface MeshView {
  state: MeshState;
  /** What forms it, as far as it said. */
  coordinator: {
    /** Where it is: a serial port, an address, a topic. */
    port: string;
    /** The hardware's own id. */
    id?: string;
    /** Kind and firmware. */
    model?: string;
  };
  /** IEEE 802.15.4 channel, 11..26. */
  channel?: number;
  /** 1..65534 */
  panId?: number;
  /** Seconds that it stays open for new devices; 0: closed. */
  joinSeconds: number;
  /** When the coordinator's memory was copied last, epoch ms. */
  backupAt?: number;
  nodes: readonly MeshNode[];
}

/** Looking after such a network. Nodes are named by their id. @throws RoomtoneError `mesh.*`, `device.*` */
export interface MeshPort {
  view(): MeshView;
  /** Lets devices join for so long. @param seconds 1..254; 0 closes it at once */
  permitJoin(seconds: number, signal: AbortSignal): Promise<void>;
  rename(node: string, name: string): Promise<void>;
  /** Takes it out of the network. @param force also where it could not be told; it may find its way back then */
  remove(node: string, how: { force: boolean; signal: AbortSignal }): Promise<void>;
  /** Asks it again what it is, and sets it up anew. A device that sleeps must be woken by its button. */
  interview(node: string, signal: AbortSignal): Promise<void>;
}
