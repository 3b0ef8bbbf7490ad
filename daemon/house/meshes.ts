import { type Actor, nameOf } from '../api/actor.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { HubMeshes, NodeName } from '../api/meshes.ts';
import type { AuditPort } from '../api/ports.ts';
import type { DeviceId } from '../devices/device.ts';
import type { MeshNode, MeshView } from '../devices/mesh.ts';
import type { DeviceRegistry } from '../devices/registry.ts';

export interface MeshesOptions {
  registry: DeviceRegistry;
  audit: AuditPort;
  /** Rooms in the configuration that a device stands in. */
  roomsOf: (device: DeviceId) => string[];
  /** Writes into the configuration, and runs on it. @throws RoomtoneError `config.*` */
  place: (device: DeviceId, rooms: readonly string[]) => Promise<void>;
  /** What a person did is on disk before it is acknowledged. @throws RoomtoneError `store.failed` where it is not */
  assertWritten: () => void;
}

/** Looks after the radio networks of adapters for people, and writes down who did what. */
export class Meshes implements HubMeshes {
  readonly #the: MeshesOptions;

  constructor(options: MeshesOptions) {
    this.#the = options;
  }

  view(adapter: string): MeshView {
    return this.#the.registry.mesh(adapter).view();
  }

  async permitJoin(actor: Actor, { adapter, seconds, signal }: { adapter: string; seconds: number; signal: AbortSignal }): Promise<void> {
    await this.#the.registry.mesh(adapter).permitJoin(seconds, signal);
    this.#note(actor, { action: 'mesh.join_permitted', subject: adapter, params: { seconds } });
  }

  async rename(actor: Actor, { adapter, node, name }: NodeName & { name: string }): Promise<void> {
    this.#nodeOf({ adapter, node });
    await this.#the.registry.mesh(adapter).rename(node, name);
    this.#note(actor, { action: 'mesh.node_renamed', subject: `${adapter}:${node}`, params: { name } });
    this.#the.assertWritten();
  }

  async remove(actor: Actor, { adapter, node, force, signal }: NodeName & { force: boolean; signal: AbortSignal }): Promise<void> {
    const { devices } = this.#nodeOf({ adapter, node });
    await this.#the.registry.mesh(adapter).remove(node, { force, signal });
    this.#note(actor, { action: 'mesh.node_removed', subject: `${adapter}:${node}`, params: { force } });
    for (const device of devices) if (this.#the.roomsOf(device).length > 0) await this.#the.place(device, []);
    this.#the.assertWritten();
  }

  async interview(actor: Actor, { adapter, node, signal }: NodeName & { signal: AbortSignal }): Promise<void> {
    this.#nodeOf({ adapter, node });
    await this.#the.registry.mesh(adapter).interview(node, signal);
    this.#note(actor, { action: 'mesh.node_interviewed', subject: `${adapter}:${node}`, params: {} });
  }

  #nodeOf({ adapter, node }: NodeName): MeshNode {
    const found = this.view(adapter).nodes.find(({ id }) => id === node);
    if (!found) throw new RoomtoneError('mesh.unknown_node', { params: { adapter, node } });
    return found;
  }

  #note(actor: Actor, entry: Omit<Parameters<AuditPort['record']>[0], 'actor'>): void {
    this.#the.audit.record({ actor: nameOf(actor), ...entry });
  }
}
