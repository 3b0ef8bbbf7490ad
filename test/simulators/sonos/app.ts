import type { Household } from './household/household.ts';
import { type Catalog, type Favorite, playlistUri } from './household/media.ts';
import type { PlayMode } from './household/play-modes.ts';
import type { Player } from './household/player.ts';
import { carryOut } from './services/actions.ts';
import { type ContentState, favoriteContent } from './services/content.ts';
import type { ServiceName } from './services/descriptions.ts';
import { clockTime } from './wire/didl.ts';
import type { Results } from './wire/soap.ts';

interface SonosAppOptions {
  household: Household;
  catalog: Catalog;
  content: ContentState;
  /** The player that speaks for a room. */
  find: (room: string) => Player;
  /** Carries something out as a person's doing. */
  act: <T>(what: () => T) => T;
}

/** What a person does at the Sonos app, or at the players. Rooms are named; what concerns the music of a group goes to its coordinator. */
export class SonosApp {
  readonly #options: SonosAppOptions;

  constructor(options: SonosAppOptions) {
    this.#options = options;
  }

  play(room: string): void {
    this.#transport(room, 'Play', { Speed: '1' });
  }

  pause(room: string): void {
    this.#transport(room, 'Pause');
  }

  stop(room: string): void {
    this.#transport(room, 'Stop');
  }

  next(room: string): void {
    this.#transport(room, 'Next');
  }

  previous(room: string): void {
    this.#transport(room, 'Previous');
  }

  /** `seconds` into the track. */
  seek(room: string, seconds: number): void {
    this.#transport(room, 'Seek', { Unit: 'REL_TIME', Target: clockTime(seconds) });
  }

  /** `track` from 1. */
  seekTrack(room: string, track: number): void {
    this.#transport(room, 'Seek', { Unit: 'TRACK_NR', Target: String(track) });
  }

  setPlayMode(room: string, mode: PlayMode): void {
    this.#transport(room, 'SetPlayMode', { NewPlayMode: mode });
  }

  setCrossfade(room: string, on: boolean): void {
    this.#transport(room, 'SetCrossfadeMode', { CrossfadeMode: on ? '1' : '0' });
  }

  /** Plays a favourite by its title, as the app does: stations at once, all else by way of the queue, which is replaced. */
  playFavorite(room: string, title: string): void {
    const favorite = this.#options.catalog.favorites.find((one) => one.title === title);
    if (!favorite) throw new Error(`There is no favourite ${title} in this household.`);
    this.#options.act(() => this.#begin(room, favorite));
  }

  /** Replaces the queue with a playlist and plays it. */
  playPlaylist(room: string, title: string): void {
    const { catalog, act } = this.#options;
    const index = catalog.playlists.findIndex((playlist) => playlist.title === title);
    if (index < 0) throw new Error(`There is no playlist ${title} in this household.`);
    act(() => this.#playByQueue(room, { uri: playlistUri(index), metadata: '' }));
  }

  /** A stream or a file by its URI, without the queue. */
  playUri(room: string, uri: string, metadata = ''): void {
    this.#options.act(() => {
      this.choose(room, uri, metadata);
      this.play(room);
    });
  }

  /** As `playUri`, but it does not play yet. */
  choose(room: string, uri: string, metadata = ''): void {
    this.#transport(room, 'SetAVTransportURI', { CurrentURI: uri, CurrentURIMetaData: metadata });
  }

  /** The TV is switched on, or someone chose it. */
  playTv(room: string): void {
    const { uuid } = this.#coordinator(room);
    this.playUri(room, `x-sonos-htastream:${uuid}:spdif`);
  }

  setVolume(room: string, volume: number): void {
    this.#room('RenderingControl', room, { action: 'SetVolume', Channel: 'Master', DesiredVolume: String(volume) });
  }

  mute(room: string, muted = true): void {
    this.#room('RenderingControl', room, { action: 'SetMute', Channel: 'Master', DesiredMute: muted ? '1' : '0' });
  }

  /** The slider of the group that the room is in. The app takes a snapshot when a finger comes down on it. */
  setGroupVolume(room: string, volume: number): void {
    const { name } = this.#coordinator(room);
    this.#options.act(() => {
      this.#room('GroupRenderingControl', name, { action: 'SnapshotGroupVolume' });
      this.#room('GroupRenderingControl', name, { action: 'SetGroupVolume', DesiredVolume: String(volume) });
    });
  }

  /** Adds a room to the group that another is in. */
  group(room: string, other: string): void {
    const { uuid } = this.#coordinator(other);
    this.#room('AVTransport', room, { action: 'SetAVTransportURI', CurrentURI: `x-rincon:${uuid}`, CurrentURIMetaData: '' });
  }

  /** Takes a room out of its group; where it led, another goes on with the music. */
  ungroup(room: string): void {
    this.#room('AVTransport', room, { action: 'BecomeCoordinatorOfStandaloneGroup' });
  }

  /** Another room of the group leads from here on. */
  delegate(room: string, to: string): void {
    const { uuid } = this.#options.find(to);
    this.#transport(room, 'DelegateGroupCoordinationTo', { NewCoordinator: uuid, RejoinGroup: '1' });
  }

  rename(room: string, name: string): void {
    const player = this.#options.find(room);
    this.#options.act(() => {
      for (const one of [player, ...player.partners]) one.name = name;
    });
  }

  /** Adds to the favourites, at their end. */
  addFavorite(favorite: Favorite): void {
    const { catalog, content, act } = this.#options;
    act(() => {
      catalog.favorites.push(favorite);
      content.favoritesChanged();
    });
  }

  removeFavorite(title: string): void {
    const { catalog, content, act } = this.#options;
    act(() => {
      catalog.favorites.splice(
        catalog.favorites.findIndex((favorite) => favorite.title === title),
        1,
      );
      content.favoritesChanged();
    });
  }

  /** Replaces the queue of a room without playing it. */
  fillQueue(room: string, uris: readonly string[]): void {
    const { catalog, find, act } = this.#options;
    const player = find(room);
    act(() => {
      player.queue.replace(uris.map((uri) => ({ ...catalog.track(uri) })));
      player.transport.queueChanged(-1);
    });
  }

  #begin(room: string, favorite: Favorite): void {
    const content = favoriteContent(favorite, this.#options.catalog);
    if ('station' in favorite) this.playUri(room, content.uri, content.metadata);
    else this.#playByQueue(room, content);
  }

  #playByQueue(room: string, { uri, metadata }: { uri: string; metadata: string }): void {
    const player = this.#coordinator(room);
    if (player.isFresh) this.choose(room, player.ownQueueUri);
    if (player.queue.length > 0) this.#transport(room, 'RemoveAllTracksFromQueue');
    const place = { DesiredFirstTrackNumberEnqueued: '0', EnqueueAsNext: '0' };
    this.#transport(room, 'AddURIToQueue', { EnqueuedURI: uri, EnqueuedURIMetaData: metadata, ...place });
    this.choose(room, player.ownQueueUri);
    this.play(room);
  }

  #coordinator(room: string): Player {
    const player = this.#options.find(room);
    return this.#options.household.groupOf(player)?.coordinator ?? player;
  }

  #transport(room: string, action: string, values: Record<string, string> = {}): void {
    this.#run('AVTransport', this.#coordinator(room), { action, ...values });
  }

  #room(service: ServiceName, room: string, values: { action: string } & Record<string, string>): void {
    this.#run(service, this.#options.find(room), values);
  }

  #run(service: ServiceName, player: Player, { action, ...values }: { action: string } & Record<string, string>): Results {
    const { household, catalog, content, act } = this.#options;
    const context = { player, household, catalog, content, arguments: new Map(Object.entries({ InstanceID: '0', ...values })) };
    return act(() => carryOut(service, action, context));
  }
}
