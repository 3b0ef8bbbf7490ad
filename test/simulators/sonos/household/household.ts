import { UpnpFault } from '../wire/soap.ts';
import { groupVolume, scaled } from './group-volume.ts';
import type { Player } from './player.ts';

/** Rooms that play together, or one that plays alone. */
export interface Group {
  id: string;
  coordinator: Player;
  /** Visible players, the coordinator first. */
  members: Player[];
  /** Their volumes when the coordinator last took a snapshot, which is what group volumes are reckoned from. */
  snapshot: ReadonlyMap<Player, number>;
}

export interface Vanished {
  player: Player;
  reason: string;
}

interface HouseholdOptions {
  players: readonly Player[];
  /** `Sonos_...` */
  id: string;
  /** What a member of a group makes of a Play: an error, or nothing though it says yes. */
  membersPlay?: 'refused' | 'ignored';
}

/** Who there is and who plays with whom. Its methods are what players do to the topology; who asked is no matter here. */
export class Household {
  readonly id: string;
  readonly membersPlay: 'refused' | 'ignored';
  readonly players: readonly Player[];
  readonly groups: Group[] = [];
  readonly vanished: Vanished[] = [];
  #groupNumber = 0;

  constructor({ players, id, membersPlay = 'refused' }: HouseholdOptions) {
    this.players = players;
    this.id = id;
    this.membersPlay = membersPlay;
    for (const player of players) {
      if (player === player.primary) this.#found(player, [player]);
      else player.transport.set({ uri: `x-rincon:${player.primary.uuid}`, metadata: '' });
    }
  }

  player(uuid: string): Player | undefined {
    return this.players.find((player) => player.uuid === uuid);
  }

  /** The group that the player, or the one that speaks for it, is in; undefined for one that has vanished. */
  groupOf(player: Player): Group | undefined {
    return this.groups.find(({ members }) => members.includes(player.primary));
  }

  /** Whether commands to play are this player's to take. */
  leads(player: Player): boolean {
    return this.groupOf(player)?.coordinator === player;
  }

  /** As `SetAVTransportURI` with `x-rincon:` does. */
  join(player: Player, coordinatorUuid: string): void {
    const target = this.groups.find(({ coordinator }) => coordinator.uuid === coordinatorUuid);
    if (!target?.coordinator.isVisible || !player.isVisible)
      throw new UpnpFault(501, `${player.name} cannot follow ${coordinatorUuid}, which leads no group`);
    if (target.coordinator === player) throw new UpnpFault(501, `${player.name} cannot follow itself`);
    if (target.members.includes(player)) return;
    this.#takeOut(player);
    player.transport.set({ uri: `x-rincon:${coordinatorUuid}`, metadata: '' });
    player.isFresh = false;
    target.members.push(player);
    this.snapshot(target);
  }

  /** As `BecomeCoordinatorOfStandaloneGroup` does; gives the new coordinator of those it left, if they need one. */
  leave(player: Player): Player | undefined {
    if (this.groupOf(player)?.members.length === 1) return undefined;
    const own = player.transport.isTied ? player.transport.memory : undefined;
    const successor = this.#takeOut(player);
    if (own) player.transport.takeOver(own);
    else standStill(player);
    this.#found(player, [player]);
    return successor;
  }

  /** The group goes on playing under another of its members. */
  delegate(group: Group, { to, rejoin }: { to: Player; rejoin: boolean }): void {
    const from = group.coordinator;
    if (to === from || !group.members.includes(to)) throw new UpnpFault(701, `${to.name} is no other member of the group`);
    this.#handOver(group, to);
    if (!rejoin) this.leave(from);
  }

  /** The others have noticed that a player is gone. What it led stands still from here on. */
  vanish(player: Player, reason: string): void {
    this.vanished.push({ player, reason });
    const group = this.groupOf(player);
    if (!group || player !== player.primary) return;
    this.groups.splice(this.groups.indexOf(group), 1);
    const others = group.members.filter((member) => member !== player);
    if (group.coordinator !== player) {
      group.members = others;
      this.groups.push(group);
      this.snapshot(group);
      return;
    }
    for (const member of others) {
      member.transport.clear();
      this.#found(member, [member]);
    }
  }

  /** A player with power again is alone, and set to nothing; its queue has survived. */
  comeBack(player: Player): void {
    const index = this.vanished.findIndex((one) => one.player === player);
    if (index >= 0) this.vanished.splice(index, 1);
    if (player !== player.primary) return;
    if (this.groupOf(player)) this.leave(player);
    else this.#found(player, [player]);
    player.transport.clear();
    player.isFresh = true;
  }

  snapshot(group: Group): void {
    group.snapshot = new Map(group.members.map((member) => [member, member.volume.level]));
  }

  /** The mean of those whose volume is not fixed. */
  volumeOf(group: Group): number {
    return groupVolume(changeable(group).map(({ volume }) => volume.level));
  }

  setVolume(group: Group, target: number): void {
    const members = changeable(group);
    const levels = scaled(
      members.map((member) => group.snapshot.get(member) ?? member.volume.level),
      target,
    );
    for (const [index, member] of members.entries()) member.volume.set(levels[index] ?? target);
  }

  isMuted(group: Group): boolean {
    return group.members.every(({ volume }) => volume.muted);
  }

  setMute(group: Group, muted: boolean): void {
    for (const { volume } of group.members) volume.muted = muted;
  }

  #found(coordinator: Player, members: Player[]): Group {
    this.#groupNumber += 1;
    const group: Group = { id: `${coordinator.uuid}:${this.#groupNumber}`, coordinator, members, snapshot: new Map() };
    this.groups.push(group);
    this.snapshot(group);
    return group;
  }

  /** Gives the new coordinator of those that stay, where the player led them. */
  #takeOut(player: Player): Player | undefined {
    const group = this.groupOf(player);
    if (!group) return undefined;
    const successor = group.coordinator === player ? group.members.find((member) => member !== player) : undefined;
    if (successor) this.#handOver(group, successor);
    group.members = group.members.filter((member) => member !== player);
    if (group.members.length === 0) this.groups.splice(this.groups.indexOf(group), 1);
    else this.snapshot(group);
    return successor;
  }

  /** Music and queue move to the new coordinator, whose own queue is lost. The sound of a TV stays where the TV is. */
  #handOver(group: Group, to: Player): void {
    const from = group.coordinator;
    const memory = from.transport.memory;
    const { uri, metadata } = memory.content;
    to.queue.replace(from.queue.tracks);
    to.queue.container = from.queue.container;
    if (from.transport.isTied) standStill(to);
    else to.transport.takeOver({ ...memory, content: uri === from.ownQueueUri ? { uri: to.ownQueueUri, metadata } : memory.content });
    group.coordinator = to;
    group.members = [to, ...group.members.filter((member) => member !== to)];
    this.#groupNumber += 1;
    group.id = `${to.uuid}:${this.#groupNumber}`;
    for (const member of group.members) {
      if (member !== to) member.transport.set({ uri: `x-rincon:${to.uuid}`, metadata: '' });
    }
  }
}

/** Silent, with its own queue ahead where there is something in it. */
function standStill(player: Player): void {
  if (player.queue.length > 0) player.transport.set({ uri: player.ownQueueUri, metadata: '' });
  else player.transport.clear();
}

const changeable = ({ members }: Group): Player[] => members.filter(({ volume }) => !volume.fixed);
