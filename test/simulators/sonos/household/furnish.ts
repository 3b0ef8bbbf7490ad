import type { Favorite, Library, Playlist, Station, Track } from './media.ts';
import type { Generation, ModelName } from './models.ts';
import { Player, type PlayerOptions } from './player.ts';

export interface RoomDescription {
  name: string;
  /** Default `One`, or `Beam` with a `theater`. */
  model?: ModelName;
  /** Two players as left and right; the right one is invisible. */
  pair?: boolean;
  /** A soundbar with what is behind it: two satellites, a Sub, or both. */
  theater?: { surrounds?: boolean; sub?: boolean };
  /** 0..100, or the line-out at full level; default 20. */
  volume?: number | 'fixed';
}

type Common = Omit<PlayerOptions, 'name' | 'icon' | 'model' | 'number' | 'volume' | 'bond' | 'generation'> & { generation: Generation };

/** The players of some rooms, each room's first one followed by what is bonded to it. */
export function furnish(rooms: readonly RoomDescription[], common: Common): Player[] {
  const players: Player[] = [];
  for (const room of rooms) {
    const make = (model: ModelName, bond?: Player['bond']): void => {
      const icon = `x-rincon-roomicon:${room.name.toLowerCase().split(' ')[0]}`;
      const options = { ...common, icon, model, name: room.name, number: players.length + 1, volume: room.volume ?? 20 };
      players.push(new Player(bond ? { ...options, bond } : options));
    };
    make(room.model ?? (room.theater ? 'Beam' : 'One'));
    const primary = players.at(-1) as Player;
    if (room.pair) make(primary.model, { kind: 'stereo', primary, channels: 'RF,RF' });
    if (room.theater?.surrounds) for (const channels of ['LR', 'RR']) make('One', { kind: 'theater', primary, channels });
    if (room.theater?.sub) make('Sub', { kind: 'theater', primary, channels: 'SW' });
  }
  return players;
}

/** Four rooms: a single player, a stereo pair, a home theatre with satellites and Sub, and another single player. */
export const usualRooms: readonly RoomDescription[] = [
  { name: 'Kitchen', volume: 15 },
  { name: 'Office', pair: true, volume: 20 },
  { name: 'Living Room', theater: { surrounds: true, sub: true }, volume: 25 },
  { name: 'Bedroom', model: 'Play:1', volume: 10 },
];

const album = (name: string, artist: string, titles: readonly string[]): Track[] =>
  titles.map((title, index) => ({
    uri: `x-file-cifs://nas/music/${encodeURIComponent(name)}/${index + 1}.mp3`,
    ...{ title, artist, album: name, seconds: 150 + 15 * index },
  }));

const quiet: Playlist = { title: 'Quiet Evening', tracks: album('Nocturnes', 'John Field', ['No. 1', 'No. 2', 'No. 3', 'No. 4', 'No. 5']) };
const morning: Playlist = {
  title: 'Good Morning',
  tracks: album('Four Seasons', 'Antonio Vivaldi', ['Spring & Summer', 'Autumn', 'Winter']),
};
const jazz: Station = { title: 'Jazz <24/7>', uri: 'x-sonosapi-stream:s1001?sid=254&flags=8224&sn=0' };
const news: Station = { title: 'News', uri: 'x-rincon-mp3radio://radio.example/news.mp3' };
const piano = {
  uri: 'x-rincon-cpcontainer:1006206cplaylist%3apiano?sid=9&flags=8300&sn=7',
  tracks: album('Peaceful Piano', 'Erik Satie', ['Gymnopédie No. 1', 'Gymnopédie No. 2', 'Gnossienne No. 1']),
};

const favorites: readonly Favorite[] = [
  { title: 'Jazz <24/7>', station: jazz },
  { title: 'Quiet Evening', playlist: quiet },
  { title: 'Peaceful Piano', container: piano },
  { title: 'Spring & Summer', track: morning.tracks[0] as Track },
];

/** Two playlists, two stations, and a favourite of each sort. */
export const usualLibrary: Library = { favorites, playlists: [quiet, morning], stations: [jazz, news], tracks: [] };
