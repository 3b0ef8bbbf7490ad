import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Transport } from '../../daemon/devices/device.ts';
import type { Abilities, Description } from './description.ts';
import type { Call, UpnpClient } from './upnp.ts';
import { parseTopology, type Topology } from './zones.ts';

/** What is loaded into a player, and what it does with it. */
export interface Media {
  /** Of what plays: a queue, a stream, another player that is followed. */
  uri: string;
  metadata: string;
}

export interface Position {
  /** In the queue, from 1 */
  track: number;
  /** `0:03:20`; empty where it is not known. */
  time: string;
  duration: string;
  metadata: string;
}

export const PLAY_MODES = ['NORMAL', 'REPEAT_ALL', 'SHUFFLE_NOREPEAT', 'SHUFFLE'] as const;
/** `SHUFFLE` repeats, too (https://sonos.svrooij.io/services/av-transport#setplaymode). */
export type PlayMode = (typeof PLAY_MODES)[number] | (string & {});

const INSTANCE = { InstanceID: 0 };
const MASTER = { ...INSTANCE, Channel: 'Master' };

/** The actions of one player that we use. Everything that concerns what plays must go to the player that leads the group. */
export class Control {
  readonly #client: UpnpClient;
  readonly #description: Description;
  readonly #abilities: Abilities;

  constructor({ client, description, abilities }: { client: UpnpClient; description: Description; abilities: Abilities }) {
    this.#client = client;
    this.#description = description;
    this.#abilities = abilities;
  }

  /** 0..100, in steps of the player. */
  async volume(signal: AbortSignal): Promise<number> {
    const { CurrentVolume } = await this.#call('RenderingControl', { action: 'GetVolume', args: MASTER, signal });
    return this.percent(Number(CurrentVolume));
  }

  async setVolume(volume: number, signal: AbortSignal): Promise<void> {
    const steps = Math.round((Math.min(100, Math.max(0, volume)) * this.#abilities.maxVolume) / 100);
    await this.#call('RenderingControl', { action: 'SetVolume', args: { ...MASTER, DesiredVolume: steps }, signal });
  }

  /** @param steps of the player */
  percent(steps: number): number {
    return (100 * steps) / (this.#abilities.maxVolume || 100);
  }

  async mute(signal: AbortSignal): Promise<boolean> {
    const { CurrentMute = '' } = await this.#call('RenderingControl', { action: 'GetMute', args: MASTER, signal });
    return isTrue(CurrentMute);
  }

  async setMute(mute: boolean, signal: AbortSignal): Promise<void> {
    await this.#call('RenderingControl', { action: 'SetMute', args: { ...MASTER, DesiredMute: mute ? 1 : 0 }, signal });
  }

  /** Undefined while it changes from one to another. */
  async transport(signal: AbortSignal): Promise<Transport | undefined> {
    const { CurrentTransportState = '' } = await this.#av('GetTransportInfo', INSTANCE, signal);
    return transportOf(CurrentTransportState);
  }

  async media(signal: AbortSignal): Promise<Media> {
    const { CurrentURI = '', CurrentURIMetaData = '' } = await this.#av('GetMediaInfo', INSTANCE, signal);
    return { uri: CurrentURI, metadata: known(CurrentURIMetaData) };
  }

  async position(signal: AbortSignal): Promise<Position> {
    const { Track = '', RelTime = '', TrackDuration = '', TrackMetaData = '' } = await this.#av('GetPositionInfo', INSTANCE, signal);
    return { track: Number(Track) || 0, time: known(RelTime), duration: known(TrackDuration), metadata: known(TrackMetaData) };
  }

  async playMode(signal: AbortSignal): Promise<PlayMode> {
    return (await this.#av('GetTransportSettings', INSTANCE, signal)).PlayMode ?? 'NORMAL';
  }

  async setPlayMode(mode: PlayMode, signal: AbortSignal): Promise<void> {
    await this.#av('SetPlayMode', { ...INSTANCE, NewPlayMode: mode }, signal);
  }

  async load({ uri, metadata }: Media, signal: AbortSignal): Promise<void> {
    await this.#av('SetAVTransportURI', { ...INSTANCE, CurrentURI: uri, CurrentURIMetaData: metadata }, signal);
  }

  async clearQueue(signal: AbortSignal): Promise<void> {
    await this.#av('RemoveAllTracksFromQueue', INSTANCE, signal);
  }

  async enqueue({ uri, metadata }: Media, signal: AbortSignal): Promise<void> {
    const what = { EnqueuedURI: uri, EnqueuedURIMetaData: metadata };
    await this.#av('AddURIToQueue', { ...INSTANCE, ...what, DesiredFirstTrackNumberEnqueued: 0, EnqueueAsNext: 0 }, signal);
  }

  async play(signal: AbortSignal): Promise<void> {
    await this.#av('Play', { ...INSTANCE, Speed: 1 }, signal);
  }

  async pause(signal: AbortSignal): Promise<void> {
    await this.#av('Pause', INSTANCE, signal);
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#av('Stop', INSTANCE, signal);
  }

  async skip(to: 'next' | 'previous', signal: AbortSignal): Promise<void> {
    await this.#av(to === 'next' ? 'Next' : 'Previous', INSTANCE, signal);
  }

  async seek(unit: 'TRACK_NR' | 'REL_TIME', target: string, signal: AbortSignal): Promise<void> {
    await this.#av('Seek', { ...INSTANCE, Unit: unit, Target: target }, signal);
  }

  /** Follows another player. */
  join(leader: string, signal: AbortSignal): Promise<void> {
    return this.load({ uri: `x-rincon:${leader}`, metadata: '' }, signal);
  }

  /** Plays alone from now on; where it led a group, another of it leads on. */
  async leave(signal: AbortSignal): Promise<void> {
    await this.#av('BecomeCoordinatorOfStandaloneGroup', INSTANCE, signal);
  }

  /** Hands the lead of its group, with what plays, to another member. */
  async handOver(leader: string, signal: AbortSignal): Promise<void> {
    await this.#av('DelegateGroupCoordinationTo', { ...INSTANCE, NewCoordinator: leader, RejoinGroup: 1 }, signal);
  }

  async topology(signal: AbortSignal): Promise<Topology> {
    const { ZoneGroupState = '' } = await this.#call('ZoneGroupTopology', { action: 'GetZoneGroupState', args: {}, signal });
    return parseTopology(ZoneGroupState);
  }

  /** DIDL-Lite of what a container holds, and how much there is of it. */
  async browse({ container, from, count }: { container: string; from: number; count: number }, signal: AbortSignal) {
    const args = {
      ...{ ObjectID: container, BrowseFlag: 'BrowseDirectChildren', Filter: '*' },
      ...{ StartingIndex: from, RequestedCount: count, SortCriteria: '' },
    };
    const { Result = '', TotalMatches = '' } = await this.#call('ContentDirectory', { action: 'Browse', args, signal });
    return { didl: Result, total: Number(TotalMatches) || 0 };
  }

  #av(action: string, args: Call['args'], signal: AbortSignal): Promise<Record<string, string>> {
    return this.#call('AVTransport', { action, args, signal });
  }

  #call(name: string, call: Call): Promise<Record<string, string>> {
    const service = this.#description.services.get(name);
    if (!service) throw new RoomtoneError('device.refused', { params: { device: this.#description.name, what: `no ${name}` } });
    return this.#client.call(service, call);
  }
}

/** What a player does, by its word for it (AVTransport:1, 2.2.1); undefined for what passes. */
export function transportOf(state: string): Transport | undefined {
  switch (state) {
    case 'PLAYING':
      return 'playing';
    case 'PAUSED_PLAYBACK':
      return 'paused';
    case 'STOPPED':
    case 'NO_MEDIA_PRESENT':
      return 'stopped';
    default:
      return undefined;
  }
}

export const isTrue = (text: string): boolean => ['1', 'true', 'yes'].includes(text.toLowerCase());

/** What is not known is told as such (AVTransport:1, 2.2). */
export const known = (text: string): string => (text === 'NOT_IMPLEMENTED' ? '' : text);
