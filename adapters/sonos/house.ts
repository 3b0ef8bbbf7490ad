import { z } from 'zod';
import { type ErrorCode, type MessageParams, RoomtoneError } from '../../daemon/api/errors.ts';
import type { AdapterContext, AnnounceRequest, DeviceGroup, Reading } from '../../daemon/devices/adapter.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Attributes, Device, DeviceId, Playing } from '../../daemon/devices/device.ts';
import { Announcer } from './announcer.ts';
import { Callbacks } from './callbacks.ts';
import type { Control } from './control.ts';
import { deviceId, deviceOf, nativeId } from './device.ts';
import type { Item } from './didl.ts';
import { Search } from './discovery.ts';
import { Fader } from './fader.ts';
import { given } from './given.ts';
import { Households } from './household.ts';
import { favoriteOf, readLibrary, type Source, sourceFor } from './library.ts';
import { locationOf, type SonosOptions } from './options.ts';
import { Player, type PlayerState, type SonosTimings } from './player.ts';
import { type Performance, Stage, type Voice } from './stage.ts';
import { type How, Told } from './told.ts';
import { UpnpClient } from './upnp.ts';
import type { Topology } from './zones.ts';

export interface HouseOptions {
  options: SonosOptions;
  context: AdapterContext;
  timings: SonosTimings;
  onReport(report: Report): void;
  onReading(reading: Reading): void;
  onAvailability(device: DeviceId, available: boolean): void;
  onDevices(): void;
  onProblem(scope: string, problem: { code: ErrorCode; params: MessageParams } | null): void;
}

/** A player that is known by its id, with what goes on there. */
interface Known {
  id: string;
  player: Player;
  stage: Stage;
  voice: Voice & { fader: Fader };
  library: readonly Item[];
  /** As last told. */
  playing?: Playing;
  /** The favorite that was asked for last: several may be the same piece of music. */
  asked?: string;
  /** What was seen playing and is no favorite, with what is needed to play it again. */
  heard: Map<string, Source>;
  libraryAsked: boolean;
}

const ASKED = 'adapters.sonos.asked/';

/** All players of the house: which there are, who plays with whom, how they stand, and what they are told. */
export class House {
  readonly #the: HouseOptions;
  readonly #client: UpnpClient;
  readonly #callbacks: Callbacks;
  readonly #told: Told;
  readonly #households = new Households();
  /** By the URL of their description. */
  readonly #players = new Map<string, Player>();
  readonly #known = new Map<string, Known>();
  /** Addresses of the configuration, by location; with whether a problem of theirs is shown. */
  readonly #configured: Map<string, { host: string; troubled: boolean }>;
  readonly #closing = new AbortController();
  /** The house is about to be closed: what is under way is finished first. */
  readonly #ending = new AbortController();
  readonly #announcer: Announcer;
  readonly #search: Search;

  constructor(options: HouseOptions) {
    this.#the = options;
    const { clock, log } = options.context;
    this.#client = new UpnpClient({ clock, answerWithin: options.timings.answerWithin });
    this.#callbacks = new Callbacks({ log, port: options.options.callbackPort });
    this.#told = new Told({ clock, onReport: options.onReport, onAvailability: options.onAvailability });
    this.#announcer = new Announcer({
      ...{ log, clock, state: options.context.state, closing: this.#ending.signal, listen: options.timings.listen },
      control: (id) => this.#at(deviceId(id)).player.control,
      isLive: (id) => this.#known.get(id)?.player.isLive ?? false,
      leaderOf: (id) => this.#households.leaderOf(id),
      followersOf: (leader) => this.#households.followersOf(leader),
      lookAround: (id, signal) => this.#lookAround(id, signal),
      takeOver: (ids) => this.#takeOver(ids),
    });
    this.#search = new Search({ context: options.context, every: options.timings.search, onFound: (location) => this.#meet(location) });
    this.#configured = new Map(options.options.players.map(({ host }) => [locationOf(host), { host, troubled: false }]));
  }

  start(): void {
    if (this.#closing.signal.aborted) return;
    for (const location of this.#configured.keys()) this.#meet(location);
    if (this.#configured.size === 0) this.#search.start();
  }

  async close(): Promise<void> {
    if (!this.#ending.signal.aborted) {
      this.#ending.abort(new RoomtoneError('api.closed'));
      await this.#announcer.close();
      const finish = async (known: Known): Promise<void> => {
        const { stage } = this.#leadOf(known);
        stage.callOff();
        await known.voice.fader.finish(stage.restingOf(known.voice)).catch(() => {});
      };
      await Promise.all([...this.#known.values()].map(finish));
    }
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#search.close();
    await Promise.all([...this.#players.values()].map((player) => player.close()));
    await this.#callbacks.close();
    await this.#client.close();
  }

  devices(): Device[] {
    return [...this.#known.values()].flatMap((known) => (this.#isShown(known.id) ? this.#describe(known) : []));
  }

  /** Only what turned out to be part of another player: what is not heard of may have no power. */
  isGone(device: DeviceId): boolean {
    const id = nativeId(device);
    return this.#households.isHidden(id);
  }

  groups(): Pick<DeviceGroup, 'id' | 'members'>[] {
    const leaders = new Set(this.#households.zones.map(({ leader }) => leader));
    return [...leaders].flatMap((leader) => {
      const members = this.#households.followersOf(leader).filter((id) => this.#known.has(id));
      return members.length > 1 ? [{ id: deviceId(leader), members: members.map(deviceId) }] : [];
    });
  }

  /** What is wished of players that are to become the same. @throws RoomtoneError */
  async carryOut(
    devices: readonly DeviceId[],
    { attributes, transition }: { attributes: Attributes; transition: number },
    signal: AbortSignal,
  ): Promise<void> {
    const wished = devices.map((device) => this.#at(device));
    const [first] = wished;
    if (!first) return;
    const either = AbortSignal.any([signal, this.#closing.signal]);
    for (const { player } of wished) player.assertLive();
    const busy = wished.find(({ id }) => this.#announcer.isBusy(id));
    if (busy) throw new RoomtoneError('sonos.busy', { params: { device: deviceId(busy.id), what: 'an announcement' } });
    for (const device of devices) this.#told.expect(device, attributes);
    const { mute, group, ...music } = attributes;
    if (group !== undefined) await this.#regroup(first, nativeId(group), either);
    if (mute !== undefined) await Promise.all(wished.map(({ player }) => player.control.setMute(mute, either)));
    await this.#play(wished, { attributes: music, transition }, either);
  }

  /** Plays something over what plays, and gives that back. @throws RoomtoneError */
  async announce(devices: readonly DeviceId[], { url, volume }: AnnounceRequest, signal: AbortSignal): Promise<void> {
    const [first] = devices.map((device) => this.#at(device));
    const source = first && sourceFor(url, { library: [], heard: new Map(), isSonos: isSonos(first) });
    if (!source) throw new RoomtoneError('sonos.unknown_music', { params: { device: devices.join(', '), music: url } });
    const media = { uri: source.uri, metadata: source.metadata };
    await this.#announcer.announce(devices.map(nativeId), { media, volume }, signal);
  }

  /** @throws RoomtoneError */
  async skip(device: DeviceId, to: 'next' | 'previous', signal: AbortSignal): Promise<void> {
    const lead = this.#leadOf(this.#at(device));
    if (!lead.player.abilities?.hasNext) throw new RoomtoneError('device.refused', { params: { device, what: 'nothing to skip to' } });
    await lead.player.control.skip(to, AbortSignal.any([signal, this.#closing.signal]));
  }

  async #play(
    wished: readonly Known[],
    { attributes, transition }: { attributes: Attributes; transition: number },
    signal: AbortSignal,
  ): Promise<void> {
    const [first] = wished;
    const { volume, transport, favorite, shuffle } = attributes;
    if (!first || [volume, transport, favorite, shuffle].every((each) => each === undefined)) return;
    const lead = this.#leadOf(first);
    const performance: Performance = { fade: transition, ...given({ volume, transport, shuffle }) };
    if (favorite !== undefined) {
      const source = sourceFor(favorite, { library: lead.library, heard: lead.heard, isSonos: isSonos(lead) });
      if (!source) throw new RoomtoneError('sonos.unknown_music', { params: { device: deviceId(first.id), music: favorite } });
      lead.asked = favorite;
      this.#the.context.state.set(ASKED + lead.id, favorite);
      Object.assign(performance, { source, isLoaded: source.uri === rawFavorite(lead.player.state) });
    }
    try {
      await lead.stage.perform(
        performance,
        wished.map(({ voice }) => voice),
        signal,
      );
    } catch (error) {
      // Whoever leads may be another by now, which the next attempt should know.
      lead.player.lookAgain();
      throw error;
    }
  }

  async #regroup(known: Known, leader: string, signal: AbortSignal): Promise<void> {
    const now = this.#households.leaderOf(known.id);
    const target = leader === known.id ? known.id : this.#households.leaderOf(leader);
    if (target === now && !(leader === known.id && this.#households.followersOf(known.id).length > 1)) return;
    if (target === known.id) await known.player.control.leave(signal);
    else await known.player.control.join(target, signal);
    this.#onTopology(await known.player.control.topology(signal), 'event');
  }

  async #lookAround(id: string, signal: AbortSignal): Promise<void> {
    const { player } = this.#at(deviceId(id));
    if (player.description?.kind === 'sonos') this.#onTopology(await player.control.topology(signal), 'event');
  }

  async #takeOver(ids: readonly string[]): Promise<() => Promise<void>> {
    const known = ids.flatMap((id) => this.#known.get(id) ?? []);
    for (const each of known) {
      const { stage } = this.#leadOf(each);
      stage.callOff();
      await each.voice.fader.finish(stage.restingOf(each.voice)).catch(() => {});
    }
    const speak = this.#told.hush(ids.map(deviceId));
    return async () => {
      await Promise.all(known.map(({ player }) => player.refresh().catch(() => {})));
      speak();
      for (const each of known) if (each.player.isLive) this.#tellAll(each, { kind: 'resync' });
    };
  }

  #meet(location: string): void {
    if (this.#closing.signal.aborted || this.#players.has(location)) return;
    const { context, timings } = this.#the;
    const player: Player = new Player({
      ...{ location, timings, client: this.#client, callbacks: this.#callbacks, clock: context.clock, log: context.log },
      claim: (_, id) => this.#claim(player, id),
      onState: (_, change, kind) => this.#onState(player, change, kind),
      onTopology: (_, topology, kind) => this.#onTopology(topology, kind),
      onMet: (_, control) => this.#readLibrary(player, control),
      onLibrary: (_, control) => void this.#readLibrary(player, control).then(() => this.#the.onDevices()),
      onLive: () => this.#onLive(player),
      onLost: (_, error) => this.#onLost(player, error),
    });
    this.#players.set(location, player);
    player.start();
  }

  /** The same player at two addresses is spoken to at the one that answers. */
  #claim(player: Player, id: string): boolean {
    const known = this.#known.get(id);
    if (known && known.player !== player && known.player.isLive) return false;
    if (known) known.player = player;
    else this.#known.set(id, this.#introduce(id, player));
    return true;
  }

  #introduce(id: string, first: Player): Known {
    const { clock, log } = this.#the.context;
    const { signal } = this.#closing;
    const fader = new Fader({ clock, set: (volume, calledOff = signal) => known.player.control.setVolume(volume, calledOff) });
    const voice = {
      fader,
      get volume() {
        return known.player.state.volume ?? 0;
      },
    };
    const stage = new Stage({
      ...{ id, log, clock, signal, isSonos: first.description?.kind === 'sonos' },
      control: () => known.player.control,
      transport: () => known.player.state.transport,
      mode: () => known.player.state.mode,
    });
    const known: Known = { id, player: first, stage, voice, library: [], heard: new Map(), libraryAsked: false };
    const asked = this.#the.context.state.get(ASKED + id, z.string());
    if (asked !== undefined) known.asked = asked;
    return known;
  }

  #onLive(player: Player): void {
    const id = player.description?.id;
    const known = id === undefined ? undefined : this.#known.get(id);
    if (!known) return;
    this.#the.onDevices();
    this.#tellAll(known, { kind: 'resync' });
    if (this.#isShown(known.id)) this.#told.available(deviceId(known.id), true);
    this.#problem(player, null);
    void this.#announcer.onLive(known.id);
  }

  #onLost(player: Player, error: RoomtoneError): void {
    const id = player.description?.id;
    const known = id === undefined ? undefined : this.#known.get(id);
    const isElsewhere = known !== undefined && known.player !== player && known.player.isLive;
    if (known?.player === player) {
      known.voice.fader.stop();
      known.stage.callOff();
      this.#told.available(deviceId(known.id), false);
    }
    this.#problem(player, isElsewhere || error.code === 'device.rate_limited' ? null : error);
  }

  #problem({ location }: Player, error: RoomtoneError | null): void {
    const configured = this.#configured.get(location);
    if (!configured || configured.troubled === (error !== null)) return;
    configured.troubled = error !== null;
    this.#the.onProblem(configured.host, error && { code: error.code, params: error.params });
  }

  #onState(player: Player, change: PlayerState, kind: Report['kind']): void {
    const id = player.description?.id;
    const known = id === undefined ? undefined : this.#known.get(id);
    if (!known || known.player !== player) return;
    const { volume, mute, playing, ended, ...playback } = change;
    if (volume !== undefined) this.#tellVolume(known, volume, kind);
    if (mute !== undefined) this.#tell(known.id, { mute }, { kind });
    if (this.#households.leaderOf(known.id) !== known.id) return;
    if (playing) this.#tellPlaying(known);
    if (Object.keys(playback).length === 0) return;
    this.#tellPlayback(known.id, { kind, ...(ended && { origin: 'device' as const }) });
    remember(known);
    known.stage.heard({ transport: change.transport, uri: rawFavorite(known.player.state) });
  }

  #tellVolume(known: Known, volume: number, kind: Report['kind']): void {
    const heard = known.voice.fader.hear(volume, kind !== 'event');
    this.#tell(
      known.id,
      { volume },
      { kind, transitional: heard === 'fading', ...(heard === 'overtaken' && { origin: 'external' as const }) },
    );
  }

  #onTopology(topology: Topology, kind: Report['kind']): void {
    const { changed, gone } = this.#households.take(topology);
    for (const { id, location } of topology.zones) if (this.#known.get(id)?.player.isAway ?? true) this.#meet(location);
    for (const id of topology.hidden) if (this.#known.has(id)) this.#told.forget(deviceId(id));
    if (changed.length === 0 && gone.length === 0) return;
    this.#the.onDevices();
    for (const { id } of changed) {
      const known = this.#known.get(id);
      if (known?.player.isLive) this.#tellAll(known, { kind });
    }
  }

  #tellAll(known: Known, how: How): void {
    const { volume, mute } = known.player.state;
    this.#tell(known.id, given({ volume, mute, ...(isSonos(known) && { group: deviceId(this.#households.leaderOf(known.id)) }) }), how);
    this.#tellPlayback(this.#households.leaderOf(known.id), how);
    this.#tellPlaying(this.#leadOf(known));
  }

  /** What a leader plays is played by all of its group. */
  #tellPlayback(leader: string, how: How): void {
    const known = this.#known.get(leader);
    if (!known) return;
    const { transport, mode, uri = '' } = known.player.state;
    // It has just left a group, and will say what it plays by itself.
    if (uri.startsWith(FOLLOWING)) {
      known.player.lookAgain();
      return;
    }
    const shuffle = isSonos(known) && mode !== undefined ? mode.startsWith('SHUFFLE') : undefined;
    const attributes = given({ transport, favorite: this.#favoriteOf(known), shuffle });
    // What lies between two pieces of music is nobody's pause.
    const transitional = known.stage.isChanging && transport !== 'playing';
    for (const id of this.#households.followersOf(leader)) if (this.#known.has(id)) this.#tell(id, attributes, { ...how, transitional });
  }

  #tellPlaying(leader: Known): void {
    const { playing } = leader.player.state;
    if (!playing || playing.title.startsWith(FOLLOWING)) return;
    const at = this.#the.context.clock.mono();
    for (const id of this.#households.followersOf(leader.id)) {
      const follower = this.#known.get(id);
      if (!follower || JSON.stringify(follower.playing) === JSON.stringify(playing)) continue;
      follower.playing = playing;
      this.#the.onReading({ device: deviceId(id), reading: 'playing', value: playing, at, kind: 'event' });
    }
  }

  #tell(id: string, attributes: Attributes, how: How): void {
    if (this.#isShown(id)) this.#told.tell(deviceId(id), attributes, how);
  }

  /** Where several favorites are the same piece of music, the one that was asked for, or was told before. */
  #favoriteOf({ id, player, library, asked }: Known): string | undefined {
    const told = this.#told.of(deviceId(id)).favorite;
    const first = [asked, told].flatMap((name) => library.filter((item) => item.id === name));
    return favoriteOf(player.state, [...first, ...library])?.slice(0, 2000);
  }

  async #readLibrary(player: Player, control: Control): Promise<void> {
    const known = this.#known.get(player.description?.id ?? '');
    if (!known || !isSonos(known) || known.libraryAsked) return;
    known.libraryAsked = true;
    try {
      known.library = await readLibrary(control, this.#closing.signal);
    } catch (error) {
      this.#the.context.log.debug({ event: 'library_unread', player: known.id, err: error }, 'favorites could not be read');
    } finally {
      known.libraryAsked = false;
    }
  }

  #describe({ id, player, library }: Known): Device[] {
    const { description, abilities } = player;
    return description && abilities ? [deviceOf(description, { abilities, library, name: this.#households.find(id)?.name })] : [];
  }

  /** The one that commands on what plays go to. */
  #leadOf(known: Known): Known {
    return this.#known.get(this.#households.leaderOf(known.id)) ?? known;
  }

  #at(device: DeviceId): Known {
    const known = this.#known.get(nativeId(device));
    if (!known) throw new RoomtoneError('device.unreachable', { params: { device } });
    return known;
  }

  #isShown(id: string): boolean {
    return !this.#households.isHidden(id);
  }
}

/** What a member of a group says that it plays: another player. */
const FOLLOWING = 'x-rincon:';

const isSonos = ({ player }: Known): boolean => player.description?.kind === 'sonos';

/** Keeps how what plays was loaded, so that it can be played again though it is no favorite. */
function remember({ player: { state }, heard }: Known): void {
  const uri = rawFavorite(state);
  if (uri === undefined) return;
  const isList = uri !== state.uri;
  heard.delete(uri);
  heard.set(uri, { uri, metadata: (isList ? state.enqueuedMetadata : state.metadata) ?? '', isList });
  for (const oldest of heard.keys()) if (heard.size > REMEMBERED) heard.delete(oldest);
}

/** Pieces of music that are no favorites. */
const REMEMBERED = 20;

const rawFavorite = ({ uri, enqueued }: PlayerState): string | undefined => favoriteOf({ uri, enqueued }, []);
