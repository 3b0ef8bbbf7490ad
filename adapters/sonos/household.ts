import type { Topology, Zone } from './zones.ts';

/** The topologies of all households: one of S1 and one of S2 players may stand side by side in a house. */
export class Households {
  readonly #topologies = new Map<string, Topology>();
  #serial = 0;

  /** Takes the word of one of its players for a household. @returns ids of the players that there were before and are no more, or that have another leader */
  take(topology: Topology): { changed: Zone[]; gone: string[] } {
    const ids = new Set([...topology.zones.map(({ id }) => id), ...topology.hidden, ...topology.vanished]);
    const before = this.zones;
    for (const [key, { zones, hidden }] of this.#topologies) {
      if (zones.some(({ id }) => ids.has(id)) || hidden.some((id) => ids.has(id))) this.#topologies.delete(key);
    }
    this.#serial += 1;
    this.#topologies.set(String(this.#serial), topology);
    const after = new Set(this.zones.map(({ id }) => id));
    const isNews = ({ id, leader, location, name }: Zone): boolean =>
      !before.some((zone) => zone.id === id && zone.leader === leader && zone.location === location && zone.name === name);
    return { changed: topology.zones.filter(isNews), gone: before.map(({ id }) => id).filter((id) => !after.has(id)) };
  }

  get zones(): Zone[] {
    return [...this.#topologies.values()].flatMap(({ zones }) => zones);
  }

  find(id: string): Zone | undefined {
    return this.zones.find((zone) => zone.id === id);
  }

  /** Whether it is no player of its own: the other half of a stereo pair, a surround, a bridge. */
  isHidden(id: string): boolean {
    return [...this.#topologies.values()].some(({ hidden }) => hidden.includes(id));
  }

  /** Of the player that leads its group; its own where nothing is known of a group. */
  leaderOf(id: string): string {
    return this.find(id)?.leader ?? id;
  }

  /** Who plays with a leader, itself included. */
  followersOf(leader: string): string[] {
    const followers = this.zones.filter((zone) => zone.leader === leader).map(({ id }) => id);
    return followers.length > 0 ? followers : [leader];
  }
}
