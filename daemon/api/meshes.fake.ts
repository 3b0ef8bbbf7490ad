import type { MeshNode, MeshView } from '../devices/mesh.ts';
import { type Actor, nameOf } from './actor.ts';
import { RoomtoneError } from './errors.ts';
import type { HubMeshes, NodeName } from './meshes.ts';

/** One Zigbee network of memory alone. */
export class FakeMeshes implements HubMeshes {
  readonly did: { actor: string; action: string; node?: string }[] = [];
  readonly networks: Record<string, MeshView> = { zigbee: fakeMesh() };
  readonly #onChange: (adapter: string) => void;

  constructor(onChange: (adapter: string) => void) {
    this.#onChange = onChange;
  }

  view(adapter: string): MeshView {
    const view = Object.hasOwn(this.networks, adapter) ? this.networks[adapter] : undefined;
    if (!view) throw new RoomtoneError('mesh.none', { params: { adapter } });
    return view;
  }

  async permitJoin(actor: Actor, { adapter, seconds }: { adapter: string; seconds: number }): Promise<void> {
    this.#change(adapter, { joinSeconds: seconds });
    this.did.push({ actor: nameOf(actor), action: 'permitJoin' });
  }

  async rename(actor: Actor, { name, ...which }: NodeName & { name: string }): Promise<void> {
    const node = this.#node(which);
    this.#change(which.adapter, { nodes: this.view(which.adapter).nodes.map((each) => (each === node ? { ...each, name } : each)) });
    this.did.push({ actor: nameOf(actor), action: 'rename', node: node.id });
  }

  async remove(actor: Actor, { force, ...which }: NodeName & { force: boolean }): Promise<void> {
    const node = this.#node(which);
    if (!node.available && !force) throw new RoomtoneError('device.unreachable', { params: { device: node.id } });
    this.#change(which.adapter, { nodes: this.view(which.adapter).nodes.filter((each) => each !== node) });
    this.did.push({ actor: nameOf(actor), action: 'remove', node: node.id });
  }

  async interview(actor: Actor, which: NodeName): Promise<void> {
    this.did.push({ actor: nameOf(actor), action: 'interview', node: this.#node(which).id });
  }

  #node({ adapter, node }: NodeName): MeshNode {
    const found = this.view(adapter).nodes.find(({ id }) => id === node);
    if (!found) throw new RoomtoneError('mesh.unknown_node', { params: { adapter, node } });
    return found;
  }

  #change(adapter: string, change: Partial<MeshView>): void {
    this.networks[adapter] = { ...this.view(adapter), ...change };
    this.#onChange(adapter);
  }
}

/** A network with one of everything. */
export function fakeMesh(): MeshView {
  const lastSeen = Date.UTC(2026, 10, 1, 11, 58);
  return {
    state: 'online',
    coordinator: { port: '/dev/ttyUSB0', id: '0x00124b0012345678', model: 'ZStack3x0 20230507' },
    channel: 15,
    panId: 0x1a62,
    joinSeconds: 0,
    backupAt: Date.UTC(2026, 10, 1, 3),
    nodes: [
      {
        id: '0x00158d0001000001',
        name: 'Desk',
        vendor: 'Innr',
        model: 'RB 285 C',
        devices: ['zigbee:0x00158d0001000001/1'],
        power: 'mains',
        linkQuality: 180,
        lastSeen,
        available: true,
      },
      {
        id: '0x00158d0001000002',
        name: 'Hall',
        vendor: 'Philips',
        model: 'SML001',
        devices: ['zigbee:0x00158d0001000002/2'],
        power: 'battery',
        linkQuality: 62,
        battery: 40,
        lastSeen,
        available: false,
      },
      { id: '0x00158d0001000003', name: '0x00158d0001000003', devices: [], power: 'unknown', available: true, joining: 'interviewing' },
    ],
  };
}
