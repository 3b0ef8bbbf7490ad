import { type Catalog, type Favorite, playlistUri } from '../household/media.ts';
import type { Player } from '../household/player.ts';
import { describing, didl, item, protocolInfo, trackItem } from '../wire/didl.ts';
import { UpnpFault } from '../wire/soap.ts';
import { attributesOf, escapeXml, tag } from '../wire/xml.ts';
import { type Context, type Handlers, number, text } from './context.ts';

/** Counters that tell clients when to browse again. Favourites and playlists are the same on all players, a queue is one player's. */
export class ContentState {
  #favorites = 1;
  #playlists = 1;
  readonly #owner: string;

  /** `owner` is the RINCON id that the counters are told with. */
  constructor(owner: string) {
    this.#owner = owner;
  }

  favoritesChanged(): void {
    this.#favorites += 1;
  }

  playlistsChanged(): void {
    this.#playlists += 1;
  }

  updateId(objectId: string, player: Player): number {
    if (objectId === 'Q:0') return player.queue.updateId;
    return objectId.startsWith('SQ:') ? this.#playlists : this.#favorites;
  }

  variables(player: Player): Record<string, string> {
    const queue = player.queue.updateId;
    return {
      SystemUpdateID: String(this.#favorites + this.#playlists + queue),
      ContainerUpdateIDs: `FV:2,${this.#favorites},SQ:,${this.#playlists},Q:0,${queue}`,
      ShareIndexInProgress: '0',
      ShareIndexLastError: '',
      UserRadioUpdateID: `${this.#owner},1`,
      SavedQueuesUpdateID: `${this.#owner},${this.#playlists}`,
      ShareListUpdateID: `${this.#owner},1`,
      RecentlyPlayedUpdateID: `${this.#owner},1`,
      Browseable: '1',
      RadioFavoritesUpdateID: '1',
      RadioLocationUpdateID: '1',
      FavoritesUpdateID: `${this.#owner},${this.#favorites}`,
    };
  }
}

const tuneIn = 'SA_RINCON65031_';
const musicService = 'SA_RINCON2311_X_#Svc2311-0-Token';
const householdAccount = 'RINCON_AssociatedZPUDN';

/** What a favourite plays, and the metadata it has to be played with. */
function leadsTo(favorite: Favorite, catalog: Catalog): { uri: string; id: string; upnpClass: string; account: string } {
  if ('station' in favorite) {
    return { uri: favorite.station.uri, id: 'F00092020s1', upnpClass: 'object.item.audioItem.audioBroadcast', account: tuneIn };
  }
  if ('track' in favorite) {
    return { uri: favorite.track.uri, id: '00032020track', upnpClass: 'object.item.audioItem.musicTrack', account: musicService };
  }
  const upnpClass = 'object.container.playlistContainer';
  if ('container' in favorite) return { uri: favorite.container.uri, id: '0006206cplaylist', upnpClass, account: musicService };
  const index = catalog.playlists.indexOf(favorite.playlist);
  return { uri: playlistUri(index), id: `SQ:${index}`, upnpClass, account: householdAccount };
}

/** What to hand to a transport or a queue to play a favourite. */
export function favoriteContent(favorite: Favorite, catalog: Catalog): { uri: string; metadata: string } {
  const { uri, ...description } = leadsTo(favorite, catalog);
  return { uri, metadata: describing({ title: favorite.title, ...description }) };
}

function favoriteItem(favorite: Favorite, { index, catalog }: { index: number; catalog: Catalog }): string {
  const { uri, metadata } = favoriteContent(favorite, catalog);
  const resource = `<res${attributesOf({ protocolInfo: protocolInfo(uri) })}>${escapeXml(uri)}</res>`;
  const content = [
    tag('dc:title', favorite.title),
    '<upnp:class>object.itemobject.item.sonos-favorite</upnp:class>',
    `<r:ordinal>${index}</r:ordinal>${resource}`,
    tag('upnp:albumArtURI', 'http://127.0.0.1/art.png'),
    '<r:type>instantPlay</r:type>',
    tag('r:description', 'station' in favorite ? 'TuneIn Station' : 'Playlist'),
    tag('r:resMD', metadata),
  ];
  return item({ id: `FV:2/${index}`, parent: 'FV:2' }, content.join(''));
}

function playlistItem(title: string, index: number): string {
  const uri = playlistUri(index);
  const resource = `<res${attributesOf({ protocolInfo: protocolInfo(uri) })}>${escapeXml(uri)}</res>`;
  const content = `${tag('dc:title', title)}${resource}<upnp:class>object.container.playlistContainer</upnp:class>`;
  return item({ id: `SQ:${index}`, parent: 'SQ:', name: 'container' }, content);
}

function stationItem({ title, uri }: { title: string; uri: string }, index: number): string {
  const resource = `<res${attributesOf({ protocolInfo: protocolInfo(uri) })}>${escapeXml(uri)}</res>`;
  const content = `${tag('dc:title', title)}<upnp:class>object.item.audioItem.audioBroadcast</upnp:class>${resource}`;
  return item({ id: `R:0/0/${index}`, parent: 'R:0/0' }, content);
}

/** What is directly in a container, as items of DIDL-Lite; undefined where there is no such container. */
function childrenOf(id: string, { player, catalog }: Context): string[] | undefined {
  const { favorites, playlists, stations } = catalog;
  if (id === 'FV:2') return favorites.map((favorite, index) => favoriteItem(favorite, { index, catalog }));
  if (id === 'SQ:') return playlists.map(({ title }, index) => playlistItem(title, index));
  if (id === 'R:0/0') return stations.map(stationItem);
  if (id === 'R:0/1') return [];
  if (id === 'Q:0') return player.queue.tracks.map((track, index) => trackItem(track, { id: `Q:0/${index + 1}`, parent: 'Q:0' }));
  const saved = id.match(/^SQ:(\d+)$/)?.[1];
  const tracks = saved === undefined ? undefined : playlists[Number(saved)]?.tracks;
  return tracks?.map((track, index) => trackItem(track, { id: `S://${saved}/${index + 1}`, parent: id }));
}

const largestPage = 1000;

export const contentDirectory: Handlers = {
  Browse(context) {
    const id = text(context, 'ObjectID');
    const how = text(context, 'BrowseFlag');
    const children = childrenOf(id, context);
    if (!children) throw new UpnpFault(701, `there is no ${id}`);
    if (how !== 'BrowseDirectChildren' && how !== 'BrowseMetadata') throw new UpnpFault(402, `browse flag ${how}`);
    if (how === 'BrowseMetadata') throw new UpnpFault(720, 'metadata of containers is not simulated');
    const start = number(context, 'StartingIndex');
    const page = children.slice(start, start + Math.min(number(context, 'RequestedCount') || largestPage, largestPage));
    const UpdateID = context.content.updateId(id, context.player);
    return { Result: didl(page.join('')), NumberReturned: page.length, TotalMatches: children.length, UpdateID };
  },
  GetSearchCapabilities: () => ({ SearchCaps: '' }),
  GetSortCapabilities: () => ({ SortCaps: '' }),
  GetSystemUpdateID: ({ content, player }) => ({ Id: content.variables(player).SystemUpdateID ?? '0' }),
};
