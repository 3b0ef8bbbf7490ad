import type { Random } from '../hue/random.ts';
import { type RoomDescription, usualLibrary } from './household/furnish.ts';
import type { PlayMode } from './household/play-modes.ts';
import type { SonosSimulator } from './simulator.ts';

/** Households by chance, for tests that have to hold in any. The same random numbers give the same household. */

const names = ['Kitchen', 'Office', 'Living Room', 'Bedroom', 'Bath', 'Hall'] as const;
const modes: readonly PlayMode[] = ['NORMAL', 'REPEAT_ALL', 'REPEAT_ONE', 'SHUFFLE_NOREPEAT', 'SHUFFLE'];
const tracks = usualLibrary.playlists.flatMap((playlist) => playlist.tracks);
const file = 'http://127.0.0.1/rain.mp3';

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)] as T;

const upTo = (most: number, random: Random): number => Math.floor(random() * (most + 1));

/** Two to six rooms: single players, pairs, at most one home theatre, and sometimes a BOOST, which is none. */
export function randomRooms(random: Random): RoomDescription[] {
  const boost: RoomDescription[] = random() < 0.1 ? [{ name: 'BOOST', model: 'Boost' }] : [];
  const rooms = names.slice(0, 2 + upTo(names.length - 2, random)).map((name): RoomDescription => {
    const volume = upTo(60, random);
    if (name === 'Living Room') return { name, volume, theater: { surrounds: random() < 0.5, sub: random() < 0.5 } };
    return { name, volume, pair: random() < 0.2 };
  });
  return [...boost, ...rooms];
}

/** What a group may be doing. */
export type MusicKind = 'nothing' | 'queue' | 'station' | 'file' | 'tv';

/** Groups rooms, fills queues and puts music on, as people would. `advance` is that of the simulator's clock, in ms. */
export function arrange(sonos: SonosSimulator, random: Random, advance: (ms: number) => void): MusicKind[] {
  for (const { name } of sonos.rooms) {
    if (random() < 0.3) sonos.app.mute(name);
    const length = upTo(6, random);
    sonos.app.fillQueue(
      name,
      Array.from({ length }, () => pick(tracks, random).uri),
    );
  }
  for (const { name } of sonos.rooms) {
    const others = sonos.rooms.filter(({ group }) => !group.includes(name));
    if (random() < 0.4 && others.length > 0) sonos.app.group(name, pick(others, random).name);
  }
  return sonos.rooms.filter(({ name, coordinator }) => name === coordinator).map(({ name }) => begin(sonos, name, { random, advance }));
}

interface Means {
  random: Random;
  advance: (ms: number) => void;
}

/** Puts music on in a group, by the room that leads it. */
function begin(sonos: SonosSimulator, room: string, { random, advance }: Means): MusicKind {
  const { queue, uuid } = sonos.room(room);
  const kinds: MusicKind[] = ['nothing', 'station', 'file', ...(queue.length > 0 ? (['queue', 'queue', 'queue'] as const) : [])];
  if (sonos.hasTv(room)) kinds.push('tv');
  const kind = pick(kinds, random);
  if (kind === 'nothing') return kind;
  if (kind === 'tv') sonos.app.playTv(room);
  if (kind === 'station') sonos.app.playFavorite(room, 'Jazz <24/7>');
  if (kind === 'file') sonos.app.playUri(room, file);
  if (kind === 'queue') {
    sonos.app.playUri(room, `x-rincon-queue:${uuid}#0`);
    sonos.app.seekTrack(room, 1 + upTo(queue.length - 1, random));
    sonos.app.setPlayMode(room, pick(modes, random));
    sonos.app.setCrossfade(room, random() < 0.5);
  }
  advance(1000);
  if (kind === 'queue' || kind === 'file') sonos.app.seek(room, upTo(120, random));
  const end = kind === 'tv' ? 1 : random();
  if (end < 0.25) sonos.app.stop(room);
  else if (end < 0.5 && (kind === 'queue' || kind === 'file')) sonos.app.pause(room);
  return kind;
}

/** Something that a person does, or that befalls a room, while a client is at work. */
export interface Incident {
  what: string;
  /** Where it leaves traces that are no client's to mend; `RoomState` and `differences()` have the names. */
  touches: { rooms: readonly string[]; fields: RegExp };
  happen: () => void;
}

const music = /^music/;
const everything = /./;

export function randomIncident(sonos: SonosSimulator, random: Random): Incident {
  const { app } = sonos;
  const { name, group, coordinator } = pick(sonos.rooms, random);
  const other = pick(sonos.rooms, random);
  const level = upTo(100, random);
  const both = [...new Set([...group, ...other.group])];
  const incidents: Incident[] = [
    { what: `${name} is set to ${level}`, touches: { rooms: [name], fields: /^volume/ }, happen: () => app.setVolume(name, level) },
    { what: `${name} is muted`, touches: { rooms: [name], fields: /^muted/ }, happen: () => app.mute(name) },
    { what: `${name} is taken out of its group`, touches: { rooms: group, fields: everything }, happen: () => app.ungroup(name) },
  ];
  const playing = sonos.snapshot().find(({ room }) => room === coordinator)?.music?.uri;
  if (!playing?.startsWith('x-sonos-htastream:')) {
    incidents.push({ what: `${coordinator} is stopped`, touches: { rooms: [coordinator], fields: music }, happen: () => app.stop(name) });
  }
  if (!other.group.includes(name)) {
    incidents.push({
      what: `${name} joins ${other.name}`,
      touches: { rooms: both, fields: everything },
      happen: () => app.group(name, other.name),
    });
  }
  if (name !== coordinator) {
    incidents.push({
      what: `${name} leads from now on`,
      touches: { rooms: group, fields: everything },
      happen: () => app.delegate(name, name),
    });
  }
  return pick(incidents, random);
}

/** The lines of `differences()` that none of the incidents accounts for. */
export function unaccounted(lines: readonly string[], incidents: readonly Incident[]): string[] {
  const accounts = ({ touches: { rooms, fields } }: Incident, line: string): boolean =>
    rooms.some((room) => line.startsWith(`${room} `) && fields.test(line.slice(room.length + 1)));
  return lines.filter((line) => !incidents.some((incident) => accounts(incident, line)));
}
