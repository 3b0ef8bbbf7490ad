/** What a URI means to a player. */
export type MediaKind = 'queue' | 'group' | 'radio' | 'track' | 'tv' | 'line-in';

const schemes: Readonly<Record<string, MediaKind>> = {
  'x-rincon-queue': 'queue',
  'x-rincon': 'group',
  'x-rincon-mp3radio': 'radio',
  'x-sonosapi-stream': 'radio',
  'x-sonosapi-radio': 'radio',
  'x-sonosapi-hls': 'radio',
  'hls-radio': 'radio',
  aac: 'radio',
  http: 'track',
  https: 'track',
  'x-file-cifs': 'track',
  'x-sonos-http': 'track',
  'x-sonos-spotify': 'track',
  'x-sonos-htastream': 'tv',
  'x-rincon-stream': 'line-in',
};

const schemeOf = (uri: string): string => uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase();

/** Undefined for what no player can play. */
export const kindOf = (uri: string): MediaKind | undefined => schemes[schemeOf(uri)];

/** Containers can only be put into the queue, which then holds their tracks. */
export const isContainer = (uri: string): boolean =>
  uri.startsWith('file:///jffs/settings/savedqueues.rsq#') || ['x-rincon-cpcontainer', 'x-rincon-playlist'].includes(schemeOf(uri));

/** Something with an end. */
export interface Track {
  uri: string;
  title: string;
  artist: string;
  album: string;
  /** Seconds; 0 where the player doesn't know it. */
  seconds: number;
}

export interface Station {
  uri: string;
  title: string;
}

export interface Playlist {
  title: string;
  tracks: readonly Track[];
}

/** An entry of "Sonos favourites", by what it leads to. */
export type Favorite =
  | { title: string; station: Station }
  | { title: string; track: Track }
  | { title: string; playlist: Playlist }
  /** A container of a music service: what its tracks are only the service knows, here this list. */
  | { title: string; container: { uri: string; tracks: readonly Track[] } };

/** What there is to play in the household: everything a test gave, and what players make of URIs nobody told them about. */
export interface Library {
  favorites: readonly Favorite[];
  playlists: readonly Playlist[];
  stations: readonly Station[];
  /** Known tracks beside those of playlists and favourites. */
  tracks: readonly Track[];
}

/** Of a track that nobody described, s. */
const usualSeconds = 180;

/** Looks up what a URI leads to. */
export class Catalog {
  readonly stations: readonly Station[];
  /** Favourites and playlists come and go while the simulator runs. */
  readonly favorites: Favorite[];
  readonly playlists: Playlist[];
  readonly #tracks = new Map<string, Track>();

  constructor(library: Library) {
    this.stations = library.stations;
    this.favorites = [...library.favorites];
    this.playlists = [...library.playlists];
    const favorites = library.favorites.flatMap((favorite) => {
      if ('track' in favorite) return [favorite.track];
      if ('playlist' in favorite) return favorite.playlist.tracks;
      return 'container' in favorite ? favorite.container.tracks : [];
    });
    for (const track of [...library.playlists.flatMap(({ tracks }) => tracks), ...favorites, ...library.tracks]) {
      this.#tracks.set(track.uri, track);
    }
  }

  /** The track at a URI; one that is not known has the title that came with it, or its last part. */
  track(uri: string, title?: string): Track {
    const known = this.#tracks.get(uri);
    const last = decodeURIComponent(uri.split(/[/:]/).at(-1) ?? uri);
    return known ?? { uri, title: title ?? last, artist: '', album: '', seconds: usualSeconds };
  }

  /** A player found out how long a track plays. */
  learn(uri: string, seconds: number): void {
    this.#tracks.set(uri, { ...this.track(uri), seconds });
  }

  stationTitle(uri: string): string | undefined {
    const favorites = this.favorites.flatMap((favorite) => ('station' in favorite ? [favorite.station] : []));
    return [...this.stations, ...favorites].find((station) => station.uri === uri)?.title;
  }

  /** The tracks of a container; undefined where there is no such container. */
  container(uri: string): readonly Track[] | undefined {
    const saved = uri.match(/^file:\/\/\/jffs\/settings\/savedqueues\.rsq#(\d+)$/)?.[1];
    if (saved !== undefined) return this.playlists[Number(saved)]?.tracks;
    const favorites = this.favorites.flatMap((favorite) => ('container' in favorite ? [favorite.container] : []));
    return favorites.find((container) => container.uri === uri)?.tracks;
  }
}

export const playlistUri = (index: number): string => `file:///jffs/settings/savedqueues.rsq#${index}`;
