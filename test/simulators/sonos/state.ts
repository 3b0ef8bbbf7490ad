import type { Household } from './household/household.ts';
import type { Player } from './household/player.ts';

/** A room as a person would find it. */
export interface RoomState {
  room: string;
  /** Whom it follows; its own name where it leads. */
  coordinator: string;
  /** In the group that it leads, in alphabetical order; empty where it follows. */
  members: string[];
  volume: number;
  muted: boolean;
  bass: number;
  treble: number;
  loudness: boolean;
  /** URIs. */
  queue: string[];
  /** What it plays, where it leads. */
  music?: MusicState;
}

export interface MusicState {
  state: string;
  uri: string;
  metadata: string;
  playMode: string;
  crossfade: boolean;
  /** From 1; 0 for nothing. */
  track: number;
  trackUri: string;
  /** s */
  position: number;
}

/** The whole household, by room. */
export function stateOf(household: Household): RoomState[] {
  return household.players.filter(({ isVisible }) => isVisible).map((player) => roomState(player, household));
}

function roomState(player: Player, household: Household): RoomState {
  const group = household.groupOf(player);
  const leads = group?.coordinator === player;
  const { level: volume, muted } = player.volume;
  const { bass, treble, loudness } = player;
  return {
    room: player.name,
    coordinator: group?.coordinator.name ?? player.name,
    members: leads ? group.members.map(({ name }) => name).sort() : [],
    ...{ volume, muted, bass, treble, loudness },
    queue: player.queue.tracks.map(({ uri }) => uri),
    ...(leads ? { music: musicState(player) } : {}),
  };
}

function musicState({ transport }: Player): MusicState {
  const { uri, metadata } = transport.content;
  return {
    state: transport.state === 'TRANSITIONING' ? 'PLAYING' : transport.state,
    ...{ uri, metadata, playMode: transport.playMode, crossfade: transport.crossfade },
    track: transport.trackNumber,
    trackUri: transport.track?.uri ?? '',
    position: transport.position / 1000,
  };
}

/**
 * What is different between two states of a household, a line each, such as `Kitchen music.state: "PLAYING" -> "silent"`. Music that
 * plays moves on: positions may differ by `tolerance` seconds, and those of streams don't count. Paused and stopped at one position
 * are alike: a person would hear no difference, and no client can pause what does not play.
 */
export function differences(before: readonly RoomState[], after: readonly RoomState[], tolerance = 2): string[] {
  return before.flatMap((room) => {
    const now = after.find((other) => other.room === room.room);
    if (!now) return [`${room.room} is gone`];
    const { music: musicBefore, ...rest } = room;
    const { music: musicNow, ...restNow } = now;
    const changes = [...changesOf(rest, restNow), ...changesOf(flat(musicBefore, tolerance), flat(musicNow, tolerance, musicBefore))];
    return changes.map((change) => `${room.room} ${change}`);
  });
}

function changesOf(before: object, after: object): string[] {
  const now = new Map(Object.entries(after));
  return Object.entries(before).flatMap(([name, value]) => {
    const [was, is] = [JSON.stringify(value), JSON.stringify(now.get(name))];
    return was === is ? [] : [`${name}: ${was} -> ${is}`];
  });
}

/** The music with a position that is the one of `reference` where it is near enough. */
function flat(music: MusicState | undefined, tolerance: number, reference = music): Record<string, unknown> {
  if (!music) return { music: 'that of its group' };
  const isNear = reference && Math.abs(music.position - reference.position) <= tolerance;
  const position = music.trackUri === '' || isNear ? (reference?.position ?? music.position) : music.position;
  const state = music.state === 'PLAYING' ? music.state : 'silent';
  return Object.fromEntries(Object.entries({ ...music, state, position }).map(([name, value]) => [`music.${name}`, value]));
}
