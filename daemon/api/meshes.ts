import type { MeshView } from '../devices/mesh.ts';
import type { Actor } from './actor.ts';

/** A piece of hardware in the network of an adapter. */
export interface NodeName {
  adapter: string;
  /** The hardware's own id. */
  node: string;
}

/**
 * Looks after the radio networks that adapters keep. What changes something names its actor and is audited.
 * @throws RoomtoneError `adapter.unknown`, `mesh.none` where the adapter keeps none, `mesh.unknown_node`
 */
export interface HubMeshes {
  view(adapter: string): MeshView;
  /** Lets devices join for so long; 0 closes the network at once. @throws RoomtoneError `mesh.offline`, `device.*` */
  permitJoin(actor: Actor, request: { adapter: string; seconds: number; signal: AbortSignal }): Promise<void>;
  rename(actor: Actor, request: NodeName & { name: string }): Promise<void>;
  /**
   * Takes a node out of its network, and what it was out of every room.
   * @throws RoomtoneError `device.*` where it could not be told and is not forced, `config.*`
   */
  remove(actor: Actor, request: NodeName & { force: boolean; signal: AbortSignal }): Promise<void>;
  /** Asks a node again what it is, and sets it up anew. @throws RoomtoneError `device.*` */
  interview(actor: Actor, request: NodeName & { signal: AbortSignal }): Promise<void>;
}
