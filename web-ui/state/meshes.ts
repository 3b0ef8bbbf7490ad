import type { MeshNode, MeshView } from '../../daemon/devices/mesh.ts';

/** A radio network as the hub told it, by its adapter. */
export interface Network extends MeshView {
  adapter: string;
  /** Epoch ms of this device at which it closes for new devices; in the past: it is closed. */
  closesAt: number;
}

/** @param now epoch ms of this device, at which it was told */
export const asTold = (adapter: string, view: MeshView, now: number): Network => ({
  ...view,
  adapter,
  closesAt: now + view.joinSeconds * 1000,
});

export const withNetwork = (networks: ReadonlyMap<string, Network>, network: Network): ReadonlyMap<string, Network> =>
  new Map([...networks, [network.adapter, network]]);

/** ms for which devices may still join. The clock of the page ticks once a second: it may lag behind what was told. */
export function openFor({ state, joinSeconds, closesAt }: Network, now: number): number {
  return state === 'online' ? Math.min(joinSeconds * 1000, Math.max(0, closesAt - now)) : 0;
}

/** Those that are on their way in, or failed to come in, first; then by name. */
export function inOrder(nodes: readonly MeshNode[]): MeshNode[] {
  const isSettled = ({ joining }: MeshNode): number => (joining === undefined ? 1 : 0);
  return [...nodes].sort((one, other) => isSettled(one) - isSettled(other) || one.name.localeCompare(other.name));
}

/** Bars of four. Makers measure differently; below 50 of 255 messages begin to be lost with most. */
export function bars(linkQuality: number): 1 | 2 | 3 | 4 {
  if (linkQuality < 50) return 1;
  if (linkQuality < 100) return 2;
  return linkQuality < 170 ? 3 : 4;
}

/** %, at which a battery should be changed soon. */
const LOW = 15;

export const isLow = (battery: number): boolean => battery <= LOW;

/** The steps of a way in, in their order. */
export const STEPS = ['joined', 'interviewing', 'configuring', 'ready'] as const;
