import { realClock, type SimulatorClock, Timers } from '../hue/clock.ts';
import { type Span, seededRandom } from '../hue/random.ts';
import { Waiting } from '../hue/waiting.ts';
import { SonosApp } from './app.ts';
import { furnish, type RoomDescription, usualLibrary, usualRooms } from './household/furnish.ts';
import { Household } from './household/household.ts';
import { Catalog, type Library } from './household/media.ts';
import type { Generation } from './household/models.ts';
import type { Place } from './household/player.ts';
import type { TransportState } from './household/transport.ts';
import { type ActionMatch, type Intervention, Interventions } from './interventions.ts';
import { type Cause, heardIn, type Interruption, Listener, type RecordedAction } from './log.ts';
import { ContentState } from './services/content.ts';
import { type RoomState, stateOf } from './state.ts';
import { type FetchedMedia, fetchMedia } from './wire/fetch-media.ts';
import type { EventFaults, SentEvent } from './wire/gena.ts';
import { SsdpResponder } from './wire/ssdp.ts';
import { type Surroundings, ZonePlayer } from './zone-player.ts';

export interface SonosSimulatorOptions {
  /** Default: `usualRooms`, four of them with a stereo pair and a home theatre. */
  rooms?: readonly RoomDescription[];
  /** What there is to play; default `usualLibrary`. */
  library?: Partial<Library>;
  /** S1 or S2; default 2. */
  generation?: Generation;
  /** `ports`: all on 127.0.0.1, each with a free port. `addresses`: each on an address of its own in 127/8, at port 1400. */
  addressing?: 'ports' | 'addresses';
  /** Answers searches on 127.0.0.1, at this port or, for 0, any free one. Absent: no SSDP. */
  ssdpPort?: number;
  clock?: SimulatorClock;
  /** Of delays and shuffled queues; default 1. */
  seed?: number;
  /** From a request to its answer, ms; default 2 to 15. */
  answerDelay?: Span;
  /** From a change to the event that tells of it, ms; default 10 to 60. */
  eventDelay?: Span;
  /** How long a transport is TRANSITIONING before it plays, ms; default 80 to 300. */
  transition?: Span;
  /** What members of a group make of a Play: error 800 (default), or yes and nothing happens, as was also seen. */
  membersPlay?: 'refused' | 'ignored';
  /** Whether players really get the files that they are told to play, by HTTP; default false: every file is there. */
  fetchMedia?: boolean;
  /** How long the others take to notice that a player is gone, ms; default 30000. */
  vanishAfter?: number;
}

/** A room as a test sees it. */
export interface SimulatedRoom {
  readonly name: string;
  /** RINCON id of the player that speaks for it. */
  readonly uuid: string;
  /** Empty while it has no power. */
  readonly host: string;
  readonly port: number;
  readonly volume: number;
  readonly muted: boolean;
  readonly state: TransportState;
  /** Name of the room that leads its group, itself where it does; empty for one that has vanished. */
  readonly coordinator: string;
  /** Names of the rooms in its group, the coordinator first. */
  readonly group: readonly string[];
  /** URI of the track or stream that is heard in it; empty for silence. */
  readonly heard: string;
  /** URIs in its own queue. */
  readonly queue: readonly string[];
}

/**
 * A Sonos household on loopback: players with SOAP services and events, as strict as the sources in README.md show. A test starts
 * it, points a client at the address of a room, plays the person with `app`, and asks what arrived.
 */
export class SonosSimulator {
  /** The Sonos app, or the buttons of a player, in a person's hand. */
  readonly app: SonosApp;
  /** Every action that was read well, in order of arrival. */
  readonly actions: RecordedAction[] = [];
  /** What clients sent that no player could read: broken XML, a wrong content type, a subscription without callback. */
  readonly badRequests: string[] = [];
  /** Every event, in the order in which they were told, lost ones too. */
  readonly events: SentEvent[] = [];
  /** What players got with `fetchMedia`, or did not. */
  readonly fetched: FetchedMedia[] = [];
  readonly #options: SonosSimulatorOptions;
  readonly #clock: SimulatorClock;
  readonly #timers: Timers;
  readonly #waiting = new Waiting();
  readonly #interventions = new Interventions();
  readonly #eventFaults: EventFaults = { lose: 0, duplicate: false, reorder: false, eager: false, blocked: false };
  readonly #household: Household;
  readonly #listener: Listener;
  readonly #players: readonly ZonePlayer[];
  readonly #ssdp: SsdpResponder | undefined;
  #transition: Span;
  #subscriptionNumber = 0;
  /** How deep we are in doings of one cause, which is told only at the end of the outermost. */
  #depth = 0;
  readonly #closing = new AbortController();

  constructor(options: SonosSimulatorOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    const random = seededRandom(options.seed ?? 1);
    this.#timers = new Timers(this.#clock);
    this.#transition = options.transition ?? [80, 300];
    const catalog = new Catalog({ ...usualLibrary, ...options.library });
    const players = furnish(options.rooms ?? usualRooms, {
      generation: options.generation ?? 2,
      clock: this.#clock,
      random,
      catalog,
      transition: () => this.#transition,
      ...(options.fetchMedia && { fetch: (uri: string) => this.#fetch(uri, catalog) }),
      onChange: () => this.#during('clock', () => {}),
    });
    this.#household = new Household({
      players,
      id: 'Sonos_aB3dE5fG7hI9jK1lM3nO5pQ7rS',
      ...(options.membersPlay && { membersPlay: options.membersPlay }),
    });
    const content = new ContentState(players[0]?.uuid ?? '');
    this.#listener = new Listener(this.#household);
    const surroundings = this.#surroundings({ random, catalog, content });
    this.#players = players.map((player) => new ZonePlayer(player, surroundings));
    if (options.ssdpPort !== undefined) this.#ssdp = new SsdpResponder({ household: this.#household, port: options.ssdpPort });
    this.app = new SonosApp({
      household: this.#household,
      catalog,
      content,
      find: (room) => this.#find(room).player,
      act: (what) => this.#during('person', what),
    });
  }

  /** Powers all players. */
  async start(): Promise<void> {
    for (const [index, { server }] of this.#players.entries()) await server.listen(this.#placeFor(index));
    await this.#ssdp?.start();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.close();
    this.#timers.cancelAll();
    this.#ssdp?.close();
    for (const one of this.#players) await one.close();
  }

  get householdId(): string {
    return this.#household.id;
  }

  get ssdpPort(): number {
    return this.#ssdp?.port ?? 0;
  }

  get rooms(): readonly SimulatedRoom[] {
    return this.#household.players.filter(({ isVisible }) => isVisible).map((player) => this.room(player.name));
  }

  /** A room by its name, as it is now. */
  room(name: string): SimulatedRoom {
    const { player } = this.#find(name);
    const group = this.#household.groupOf(player);
    const leader = group?.coordinator ?? player;
    return {
      name: player.name,
      uuid: player.uuid,
      host: player.place?.host ?? '',
      port: player.place?.port ?? 0,
      volume: player.volume.level,
      muted: player.volume.muted,
      state: leader.transport.state,
      coordinator: group?.coordinator.name ?? '',
      group: group?.members.map((member) => member.name) ?? [],
      heard: heardIn(player, this.#household),
      queue: player.queue.tracks.map(({ uri }) => uri),
    };
  }

  /** Where to reach a player, visible or not, by room or RINCON id: `http://127.0.0.1:41234`. */
  url(roomOrId: string): string {
    const { place } = this.#find(roomOrId).player;
    if (!place) throw new Error(`${roomOrId} has no power.`);
    return `http://${place.host}:${place.port}`;
  }

  /** Whether the room has a soundbar. */
  hasTv(room: string): boolean {
    return this.#find(room).player.hasTv;
  }

  /** RINCON ids of the invisible players that belong to a room. */
  partners(room: string): readonly string[] {
    return this.#find(room).player.partners.map(({ uuid }) => uuid);
  }

  /** Everything a person could find changed; `differences()` in state.ts compares two of them. */
  snapshot(): RoomState[] {
    return stateOf(this.#household);
  }

  /** Music that was heard and ended before its time, because of a command, a person or a fault. */
  get interruptions(): readonly Interruption[] {
    return this.#listener.interruptions;
  }

  /** Open subscriptions of a player, by the names of their services. */
  subscriptions(roomOrId: string): readonly string[] {
    return this.#find(roomOrId).subscribers.services;
  }

  /** Resolves with the first value of `look` that is neither undefined nor false; looked at whenever anything has happened. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return this.#waiting.until(() => look() || undefined);
  }

  /** Resolves when a room is as `fits` wants it. */
  untilRoom(name: string, fits: (room: SimulatedRoom) => boolean): Promise<SimulatedRoom> {
    return this.until(() => {
      const room = this.room(name);
      return fits(room) && room;
    });
  }

  /** The action that comes next, or the next ones, meets with something: see `Intervention`. */
  intervene(intervention: Intervention): void {
    const { before, after } = intervention;
    const asFault = (act: (() => void) | undefined) => act && (() => this.#during('fault', act));
    this.#interventions.add({
      ...intervention,
      ...(before && { before: asFault(before) as () => void }),
      ...(after && { after: asFault(after) as () => void }),
    });
  }

  /** Refuses the next action of a kind with a UPnP error, such as 701 as in a transition. */
  refuseNext(match: ActionMatch, { code, times = 1 }: { code: number; times?: number }): void {
    this.intervene({ ...match, refuse: code, times });
  }

  /** While the next action of a kind is on its way, another room of the group becomes its coordinator. */
  swapCoordinatorDuring(match: ActionMatch & { room: string }, to: string): void {
    this.intervene({ ...match, before: () => this.app.delegate(match.room, to) });
  }

  /** Answers of a room take so much longer, ms, until `recover()`. */
  slowDown(room: string, span: Span): void {
    this.#find(room).slowness = span;
  }

  /** Connections to a room are accepted and nothing is answered, until `recover()`. */
  stall(room: string): void {
    this.#find(room).server.stalled = true;
  }

  /** How long transports are TRANSITIONING from here on, ms. */
  transitionsTake(span: Span): void {
    this.#transition = span;
  }

  /** A room loses its power: connections are refused, and after `vanishAfter` it is out of the topology. */
  async unplug(room: string): Promise<void> {
    const unplugged = this.#find(room);
    const { player, server, subscribers } = unplugged;
    if (!player.place) return;
    this.#during('fault', () => {
      player.place = undefined;
      player.transport.cut();
      subscribers.forget();
    });
    unplugged.vanishing = this.#timers.after(this.#options.vanishAfter ?? 30_000, () => {
      this.#during('fault', () => this.#household.vanish(player, 'powered off'));
    });
    await server.stop();
  }

  /** Its power is back, at the same address: it is alone and has forgotten its subscribers. */
  async plugIn(room: string): Promise<void> {
    const { player, server, vanishing } = this.#find(room);
    vanishing?.cancel();
    await server.listen();
    this.#during('fault', () => {
      player.bootSeq += 1;
      this.#household.comeBack(player);
    });
  }

  /** A room, or every player, has forgotten its subscribers: renewals are answered 412. */
  forgetSubscriptions(room?: string): void {
    const players = room === undefined ? this.#players : [this.#find(room)];
    for (const { subscribers } of players) subscribers.forget();
  }

  /** The next `count` events, of any player, do not arrive; their numbers are used up. */
  loseEvents(count: number): void {
    this.#eventFaults.lose = count;
  }

  /** Every event arrives twice, until `recover()`. */
  duplicateEvents(): void {
    this.#eventFaults.duplicate = true;
  }

  /** The next event is held back and arrives after the one that follows it. */
  reorderEvents(): void {
    this.#eventFaults.reorder = true;
  }

  /** The first event of a new subscription arrives before the answer that has its SID, until `recover()`. */
  hurryEvents(): void {
    this.#eventFaults.eager = true;
  }

  /** No player reaches its subscribers, as through a firewall, until `recover()`; subscriptions are taken and renewed. */
  blockEvents(): void {
    this.#eventFaults.blocked = true;
  }

  /** Ends all faults, except that rooms without power stay without. */
  recover(): void {
    this.#interventions.clear();
    Object.assign(this.#eventFaults, { lose: 0, duplicate: false, reorder: false, eager: false, blocked: false });
    for (const one of this.#players) {
      one.slowness = [0, 0];
      if (one.server.stalled) one.server.breakConnections();
      one.server.stalled = false;
    }
  }

  #surroundings(parts: Pick<Surroundings, 'random' | 'catalog' | 'content'>): Surroundings {
    return {
      ...parts,
      ...{ clock: this.#clock, household: this.#household, interventions: this.#interventions, eventFaults: this.#eventFaults },
      answerDelay: this.#options.answerDelay ?? [2, 15],
      eventDelay: this.#options.eventDelay ?? [10, 60],
      nextSubscription: () => {
        this.#subscriptionNumber += 1;
        return this.#subscriptionNumber;
      },
      during: (cause, act) => this.#during(cause, act),
      onAction: (action) => this.actions.push(action),
      onBadRequest: (why) => this.badRequests.push(why),
      onEvent: (event) => this.events.push(event),
      onProgress: () => this.#waiting.check(),
    };
  }

  async #fetch(uri: string, catalog: Catalog): Promise<boolean> {
    const media = await fetchMedia(uri, this.#closing.signal);
    this.fetched.push(media);
    if (media.seconds !== undefined) catalog.learn(uri, media.seconds);
    return media.status === 200 && media.bytes > 0;
  }

  /** Does something and tells everyone what has changed. */
  #during<T>(cause: Cause, act: () => T): T {
    this.#depth += 1;
    try {
      return act();
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0 && !this.#closing.signal.aborted) this.#tell(cause);
    }
  }

  #tell(cause: Cause): void {
    this.#listener.listen(cause, this.#clock.mono());
    for (const { subscribers } of this.#players) subscribers.update();
    this.#waiting.check();
  }

  /** By room, or by the RINCON id of any player. */
  #find(roomOrId: string): ZonePlayer {
    const found = this.#players.find(({ player }) => player.uuid === roomOrId || (!player.bond && player.name === roomOrId));
    if (!found) throw new Error(`There is no ${roomOrId} in this household; it has ${this.#household.players.map(({ name }) => name)}.`);
    return found;
  }

  #placeFor(index: number): Place {
    if (this.#options.addressing !== 'addresses') return { host: '127.0.0.1', port: 0 };
    const { pid } = process;
    return { host: `127.${64 + ((pid >> 8) & 127)}.${pid & 255}.${10 + index}`, port: 1400 };
  }
}
