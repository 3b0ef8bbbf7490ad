import type { Logger } from 'pino';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { type ErrorCode, RoomtoneError, toRoomtoneError } from '../../daemon/api/errors.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { Playing, Transport } from '../../daemon/devices/device.ts';
import type { Callbacks } from './callbacks.ts';
import { Control, isTrue, known, transportOf } from './control.ts';
import { type Abilities, abilitiesOf, type Description, describe } from './description.ts';
import { parsePlaying } from './didl.ts';
import { parseLastChange } from './events.ts';
import { given } from './given.ts';
import { Subscription } from './subscription.ts';
import { secondsOf } from './time.ts';
import type { Service, UpnpClient } from './upnp.ts';
import { parseTopology, type Topology } from './zones.ts';

export interface SonosTimings {
  /** ms until an answer must be there */
  answerWithin: number;
  /** ms between two looks at a player that sends events */
  heartbeat: number;
  /** ms between two looks at one whose events do not reach us */
  poll: number;
  /** ms before a player that does not answer is tried again; doubles up to `longestRetry` */
  firstRetry: number;
  longestRetry: number;
  /** ms that a subscription to events is asked for */
  lease: number;
  /** ms between two searches of the network */
  search: number;
  /** ms between two looks at what plays an announcement */
  listen: number;
}

export const SONOS_TIMINGS: SonosTimings = {
  answerWithin: 5000,
  heartbeat: 20_000,
  poll: 2000,
  firstRetry: 1000,
  longestRetry: 15_000,
  lease: 600_000,
  search: 300_000,
  listen: 300,
};

/** What a player tells of itself. What plays is that of its group only where it leads it. */
export interface PlayerState {
  /** 0..100 */
  volume?: number;
  mute?: boolean;
  transport?: Transport;
  /** It stopped because the music came to its end, or could not be played: nobody did it. */
  ended?: boolean;
  uri?: string;
  metadata?: string;
  /** Of the list that was put into the queue. */
  enqueued?: string;
  enqueuedMetadata?: string;
  mode?: string;
  playing?: Playing;
}

export interface PlayerOptions {
  /** URL of its description */
  location: string;
  client: UpnpClient;
  callbacks: Callbacks;
  clock: Clock;
  log: Logger;
  timings: SonosTimings;
  /** @returns false if it is spoken to at another address already */
  claim(player: Player, id: string): boolean;
  onState(player: Player, change: PlayerState, kind: Report['kind']): void;
  onTopology(player: Player, topology: Topology, kind: Report['kind']): void;
  /** It answers, and is about to count as there. */
  onMet(player: Player, control: Control): Promise<void>;
  /** Favorites or playlists changed. */
  onLibrary(player: Player, control: Control): void;
  onLive(player: Player): void;
  onLost(player: Player, error: RoomtoneError): void;
}

/** What keeps events from us, and not the player from its work. */
const WITHOUT_EVENTS: readonly ErrorCode[] = ['sonos.bad_answer', 'sonos.no_events'];

/** ms by which the end of a track may be told early or late. */
const END_SLACK = 3000;

/** One player at one address: keeps a picture of it by its events, looks after them, and finds it again when it was away. */
export class Player {
  readonly location: string;
  state: PlayerState = {};
  readonly #options: PlayerOptions;
  readonly #closing = new AbortController();
  #description: Description | undefined;
  #abilities: Abilities | undefined;
  #control: Control | undefined;
  #live = false;
  #away = false;
  #running: Promise<void> | undefined;
  #subscriptions: Subscription[] = [];
  #wake: (() => void) | undefined;
  #pausing: Timer | undefined;
  #missed = false;
  /** Events so far. */
  readonly #told = { sound: 0, playback: 0 };
  /** When what plays comes to its end: ms of CLOCK_MONOTONIC. */
  #endsAt: number | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.location = options.location;
  }

  start(): void {
    this.#running ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#running;
  }

  /** Known from the first contact on. */
  get description(): Description | undefined {
    return this.#description;
  }

  get abilities(): Abilities | undefined {
    return this.#abilities;
  }

  get isLive(): boolean {
    return this.#live;
  }

  /** It did not answer the last time. */
  get isAway(): boolean {
    return this.#away;
  }

  /** Aborts when it is closed for good. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** @throws RoomtoneError `device.unreachable` while it is away */
  get control(): Control {
    if (this.#closing.signal.aborted) throw new RoomtoneError('api.closed');
    if (!this.#live || !this.#control)
      throw new RoomtoneError('device.unreachable', { params: { device: this.#description?.name ?? this.location } });
    return this.#control;
  }

  /** @throws RoomtoneError `device.unreachable` while it is away */
  assertLive(): void {
    if (!this.control) throw new RoomtoneError('device.unreachable', { params: { device: this.location } });
  }

  /** Looks at it now. @throws RoomtoneError */
  async refresh(): Promise<void> {
    await this.#look(this.control, 'resync');
  }

  /** Looks at it soon, as after a gap: an answer gave doubts. */
  lookAgain(): void {
    this.#missed = true;
    this.#wake?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { timings, log } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#session(signal);
      } catch (thrown) {
        const error = toRoomtoneError(thrown);
        if (error.fault === 'us' && !signal.aborted)
          log.error({ event: 'player_broke', location: this.location, err: error }, 'session broke');
        failures = this.#live ? 1 : failures + 1;
        this.#away = true;
        await this.#endSession();
        if (!signal.aborted) this.#options.onLost(this, error);
      }
      if (!signal.aborted) await this.#pause(Math.min(timings.longestRetry, timings.firstRetry * 2 ** (failures - 1)));
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { client, timings, claim, onMet, onLive } = this.#options;
    this.#description = await describe(client, this.location, signal);
    this.#away = false;
    if (!claim(this, this.#description.id)) throw new RoomtoneError('sonos.configured_twice', { params: { host: this.location } });
    this.#abilities = await abilitiesOf(client, this.#description, signal);
    this.#control = new Control({ client, description: this.#description, abilities: this.#abilities });
    await this.#subscribe(this.#description);
    await this.#look(this.#control, 'resync');
    await onMet(this, this.#control);
    signal.throwIfAborted();
    this.#live = true;
    onLive(this);
    for (;;) {
      const isHeard = this.#subscriptions.length > 0 && this.#subscriptions.every((each) => each.isHeard);
      await this.#pause(isHeard ? timings.heartbeat : timings.poll);
      signal.throwIfAborted();
      const kind = this.#missed ? 'resync' : 'poll';
      this.#missed = false;
      await this.#look(this.#control, kind).catch((error: unknown) => this.#lookTwice(error, kind));
    }
  }

  /** One look may fail: the network of a house loses packets. */
  async #lookTwice(error: unknown, kind: Report['kind']): Promise<void> {
    this.#closing.signal.throwIfAborted();
    if (toRoomtoneError(error).code === 'device.rate_limited') return;
    if (this.#control) await this.#look(this.#control, kind);
  }

  async #endSession(): Promise<void> {
    this.#live = false;
    this.#control = undefined;
    this.#endsAt = undefined;
    const subscriptions = this.#subscriptions;
    this.#subscriptions = [];
    await Promise.all(subscriptions.map((each) => each.close()));
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#missed || this.#closing.signal.aborted) return Promise.resolve();
    this.#wake = resolve;
    this.#pausing = this.#options.clock.after(ms, resolve);
    this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => {
      this.#wake = undefined;
      this.#pausing?.cancel();
    });
  }

  async #subscribe({ services }: Description): Promise<void> {
    const { client, callbacks, clock, log, timings } = this.#options;
    const takers: Record<string, (properties: ReadonlyMap<string, string>, kind: Report['kind']) => void> = {
      RenderingControl: (properties, kind) => this.#takeSound(parseLastChange(properties.get('LastChange') ?? ''), kind),
      AVTransport: (properties, kind) => this.#takePlayback(parseLastChange(properties.get('LastChange') ?? ''), kind),
      ZoneGroupTopology: (properties, kind) => this.#takeTopology(properties.get('ZoneGroupState'), kind),
      ContentDirectory: (properties, kind) => this.#takeLibrary(properties, kind),
    };
    const open = (service: Service, take: (typeof takers)[string]): Subscription =>
      new Subscription({
        ...{ client, callbacks, clock, log, service, lease: timings.lease },
        onEvent: (properties, isFirst) => take(properties, isFirst ? 'resync' : 'event'),
        onGap: () => this.lookAgain(),
      });
    this.#subscriptions = Object.entries(takers).flatMap(([name, take]) => {
      const service = services.get(name);
      return service?.events ? [open(service, take)] : [];
    });
    const begun = await Promise.allSettled(this.#subscriptions.map((each) => each.start()));
    const failed = begun.flatMap((each) => (each.status === 'rejected' ? [toRoomtoneError(each.reason)] : []));
    for (const error of failed) if (!WITHOUT_EVENTS.includes(error.code)) throw error;
    const [first] = failed;
    if (first)
      log.warn({ event: 'player_without_events', location: this.location, code: first.code, ...first.params }, 'player is asked instead');
  }

  /** What an event told meanwhile is newer than the answer. */
  async #look(control: Control, kind: Report['kind']): Promise<void> {
    const { signal } = this.#closing;
    const told = { ...this.#told };
    const { maxVolume = 0, hasMute = false } = this.#abilities ?? {};
    const isSonos = this.#description?.kind === 'sonos';
    if (isSonos) this.#options.onTopology(this, await control.topology(signal), kind);
    const [volume, mute, transport, media] = await Promise.all([
      maxVolume > 0 ? control.volume(signal) : undefined,
      hasMute ? control.mute(signal) : undefined,
      control.transport(signal),
      control.media(signal),
    ]);
    const mode = kind === 'resync' ? await control.playMode(signal).catch(() => undefined) : undefined;
    if (
      kind === 'poll' &&
      this.#differs({ volume, mute, transport, uri: media.uri }) &&
      told.sound + told.playback === this.#told.sound + this.#told.playback
    ) {
      for (const each of this.#subscriptions) each.renewNow();
    }
    const seen = { sound: given({ volume, mute }), playback: { ...given({ transport, mode }), ...media } };
    this.#take({ ...(told.sound === this.#told.sound && seen.sound), ...(told.playback === this.#told.playback && seen.playback) }, kind);
    if (kind === 'resync' && transport === 'playing') await this.#notePosition(control);
  }

  /** What no event told: the player may have forgotten whom to tell. */
  #differs(seen: PlayerState): boolean {
    const names = Object.keys(given(seen)) as (keyof PlayerState)[];
    return names.some((name) => seen[name] !== this.state[name]);
  }

  #takeSound(variables: ReadonlyMap<string, string>, kind: Report['kind']): void {
    this.#told.sound += 1;
    const [volume, mute] = [variables.get('Volume'), variables.get('Mute')];
    const maxVolume = this.#abilities?.maxVolume || 100;
    this.#take(
      given({
        volume: volume === undefined ? undefined : (100 * Number(volume)) / maxVolume,
        mute: mute === undefined ? undefined : isTrue(mute),
      }),
      kind,
    );
  }

  #takePlayback(variables: ReadonlyMap<string, string>, kind: Report['kind']): void {
    this.#told.playback += 1;
    const text = (name: string): string | undefined => {
      const value = variables.get(name);
      return value === undefined ? undefined : known(value);
    };
    const transport = transportOf(variables.get('TransportState') ?? '');
    const metadata = text('CurrentTrackMetaData');
    const status = variables.get('TransportStatus');
    const change = given({
      ...{ transport, uri: text('AVTransportURI'), enqueued: text('EnqueuedTransportURI'), mode: text('CurrentPlayMode') },
      ...{ metadata: text('AVTransportURIMetaData'), enqueuedMetadata: text('EnqueuedTransportURIMetaData') },
      playing: metadata === undefined ? undefined : (parsePlaying(metadata) ?? { title: '' }),
      ended: transport === 'stopped' ? this.#isAtEnd() || (status !== undefined && status !== 'OK') : undefined,
    });
    this.#take(change, kind);
    if (this.#control && this.#live && (transport === 'playing' || metadata !== undefined || variables.has('CurrentTrackDuration')))
      void this.#notePosition(this.#control).catch(() => {});
  }

  #isAtEnd(): boolean {
    return this.#endsAt !== undefined && Math.abs(this.#options.clock.mono() - this.#endsAt) < END_SLACK;
  }

  /** What plays, and when it will be over. */
  async #notePosition(control: Control): Promise<void> {
    const { clock } = this.#options;
    const { time, duration, metadata } = await control.position(this.#closing.signal);
    const [done, whole] = [secondsOf(time), secondsOf(duration)];
    this.#endsAt = whole ? clock.mono() + (whole - (done ?? 0)) * 1000 : undefined;
    const playing = parsePlaying(metadata);
    if (playing) this.#take({ playing }, 'poll');
  }

  #takeTopology(state: string | undefined, kind: Report['kind']): void {
    if (state) this.#options.onTopology(this, parseTopology(state), kind);
  }

  #takeLibrary(properties: ReadonlyMap<string, string>, kind: Report['kind']): void {
    const isOurs = properties.has('FavoritesUpdateID') || properties.has('SavedQueuesUpdateID');
    if (isOurs && kind === 'event' && this.#control) this.#options.onLibrary(this, this.#control);
  }

  #take(change: PlayerState, kind: Report['kind']): void {
    if (this.#closing.signal.aborted || Object.keys(change).length === 0) return;
    this.state = { ...this.state, ...change };
    this.#options.onState(this, change, kind);
  }
}
