import { EventEmitter } from 'node:events';
import { z } from 'zod';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { AuditPort, StatePort } from '../api/ports.ts';
import { TEXT_SOURCE } from '../api/text.ts';
import type { SourceView } from '../api/views.ts';
import type { Observation } from '../mood/observation.ts';
import type { DesiredState, SourceReport, SourceSpec } from '../senses/protocol.ts';
import type { Senses } from '../senses/supervisor.ts';
import { DEMO_SOURCE, type Demo } from './demo.ts';
import type { ProblemBoard } from './problems.ts';

export interface SensingRoom {
  id: string;
  sources: readonly SourceSpec[];
  /** Mode `off`: nothing is sensed here. */
  off: boolean;
}

export interface SensingPlan {
  rooms: readonly SensingRoom[];
  models: DesiredState['models'];
  tuning?: DesiredState['tuning'];
  /** Digest of the configuration file: what the administrator consented to by writing it. Null where it cannot be used. */
  hash: string | null;
}

/** ms after which what was written to a room weighs nothing any more (docs/fusion.md: it halves every 3 minutes). */
const TOLD_FOR = 30 * 60_000;

/** ms after which a wearable that is silent is taken to be off. */
const WORN_FOR = 10 * 60_000;

type SensesPort = Pick<Senses, 'events' | 'apply' | 'read' | 'forgetTexts'>;

const ALL = 'sensing';
const DEMO = 'demo';
const enabledKey = (source: string): string => `sensing.source.${source}`;
const consentKey = (source: string): string => `consent.${source}`;

/**
 * Decides what may be sensed now, and is the only one who tells the senses. The house-wide switch beats everything, then a
 * room's mode, then each source's own switch. Switches are stored before they are acted on. What people write to a room has no
 * switch of its own: who wants nothing read writes nothing.
 */
export class Sensing {
  readonly events = new EventEmitter<{
    observation: [Observation];
    changed: [{ room: string }];
    stopped: [{ room: string; source: string }];
    /** The recording began or ended. */
    demo: [];
    /** The last source of a room stopped: nothing is known of it any more. */
    quiet: [{ room: string }];
  }>();
  readonly #clock: Clock;
  readonly #state: StatePort;
  readonly #audit: AuditPort;
  readonly #senses: SensesPort;
  readonly #demo: Demo;
  readonly #problems: ProblemBoard;
  readonly #status = new Map<string, SourceReport>();
  #plan: SensingPlan = { rooms: [], models: { dirs: [], threads: 1 }, hash: null };
  #running = new Map<string, SourceSpec>();
  /** Rooms that somebody wrote to lately, each until its timer ends. */
  readonly #told = new Map<string, Timer>();
  /** Wearables that said something lately, by id. */
  readonly #worn = new Map<string, { room: string; timer: Timer }>();

  constructor(options: {
    clock: Clock;
    state: StatePort;
    audit: AuditPort;
    senses: SensesPort;
    demo: Demo;
    problems: ProblemBoard;
  }) {
    this.#clock = options.clock;
    this.#state = options.state;
    this.#audit = options.audit;
    this.#senses = options.senses;
    this.#demo = options.demo;
    this.#problems = options.problems;
    this.#senses.events.on('observation', (observation) => this.#pass(observation));
    this.#senses.events.on('source', (status) => this.#note(status));
    this.#demo.events.on('observation', (observation) => this.events.emit('observation', observation));
  }

  get on(): boolean {
    return this.#state.get(ALL, z.boolean()) ?? true;
  }

  /** Whether recorded observations are being replayed. */
  get demo(): boolean {
    return this.#demo.room !== null;
  }

  /** The room a recording stands in for, if nothing real is configured and nobody wrote to any room. */
  get demoRoom(): string | null {
    if (this.#told.size > 0 || this.#worn.size > 0) return null;
    const [first] = this.#plan.rooms;
    return first && this.#plan.rooms.every((room) => room.sources.length === 0) ? first.id : null;
  }

  /** The models that the senses were told to load. */
  get models(): SensingPlan['models'] {
    return this.#plan.models;
  }

  configure(plan: SensingPlan): void {
    this.#plan = plan;
    for (const room of plan.rooms) for (const source of room.sources) this.#recordConsent(source);
    const known = new Set(plan.rooms.flatMap((room) => room.sources.map((source) => source.id)));
    for (const id of [...this.#status.keys()]) if (!known.has(id)) this.#status.delete(id);
    if (plan.hash !== null) this.#forgetAllBut(known);
    this.#apply();
  }

  /** Consent went with the source. One that was switched off stays off, should it come back: its line may have been lost by mistake. */
  #forgetAllBut(known: ReadonlySet<string>): void {
    const keptOf = (prefix: string) => this.#state.keys(prefix).map((key) => key.slice(prefix.length));
    for (const id of keptOf(consentKey(''))) if (!known.has(id)) this.#state.delete(consentKey(id));
    for (const id of keptOf(enabledKey(''))) if (!known.has(id) && this.#enabled(id)) this.#state.delete(enabledKey(id));
  }

  setRoomOff(room: string, off: boolean): void {
    this.#plan = { ...this.#plan, rooms: this.#plan.rooms.map((each) => (each.id === room ? { ...each, off } : each)) };
    this.#apply();
  }

  switchAll(on: boolean): void {
    this.#state.set(ALL, on);
    this.#apply();
  }

  switchSource(source: string, on: boolean): void {
    this.#state.set(enabledKey(source), on);
    this.#apply();
  }

  switchDemo(on: boolean): void {
    this.#state.set(DEMO, on);
    this.#apply();
  }

  /**
   * Has what somebody wrote to a room read.
   * @throws RoomtoneError `api.unknown_room`, `text.sensing_off`, `text.room_off`, or why the senses cannot read it
   */
  tell(room: string, text: string): void {
    this.#assertSensed(room, 'text');
    const wasTold = this.#told.has(room);
    this.#told.get(room)?.cancel();
    this.#told.set(
      room,
      this.#clock.after(TOLD_FOR, () => this.#endTold(room)),
    );
    if (!wasTold) this.#apply();
    try {
      this.#senses.read({ room, text, at: this.#clock.mono() });
    } catch (error) {
      if (!wasTold) this.#endTold(room);
      throw error;
    }
  }

  /**
   * Whether what a wearable measures may be read in a room; from now on it is a sense of that room, until it falls silent.
   * @throws RoomtoneError `api.unknown_room`, `body.sensing_off`, `body.room_off`
   */
  wear(room: string, wearer: string): void {
    this.#assertSensed(room, 'body');
    const before = this.#worn.get(wearer);
    if (before && before.room !== room) this.#takeOff(wearer);
    else before?.timer.cancel();
    this.#worn.set(wearer, { room, timer: this.#clock.after(WORN_FOR, () => this.#endWorn(wearer)) });
    if (before?.room !== room) this.#apply();
  }

  #assertSensed(room: string, what: 'text' | 'body'): void {
    const planned = this.#plan.rooms.find(({ id }) => id === room);
    if (!planned) throw new RoomtoneError('api.unknown_room', { params: { room } });
    if (!this.on) throw new RoomtoneError(`${what}.sensing_off`);
    if (planned.off) throw new RoomtoneError(`${what}.room_off`, { params: { room } });
  }

  /** Whether somebody wrote to the room lately, or wears something that tells of them. */
  isTold(room: string): boolean {
    return this.#told.has(room) || [...this.#worn.values()].some((each) => each.room === room);
  }

  close(): void {
    for (const timer of this.#told.values()) timer.cancel();
    this.#told.clear();
    for (const { timer } of this.#worn.values()) timer.cancel();
    this.#worn.clear();
  }

  /** The room of a source, or undefined where there is no such source. */
  roomOf(source: string): string | undefined {
    return this.#plan.rooms.find((room) => room.sources.some((each) => each.id === source))?.id;
  }

  /**
   * For who asks for a source that there is not: while no configuration is in force, none may be called unknown for good.
   * @throws RoomtoneError `api.not_ready`
   */
  assertConfigured(): void {
    if (this.#plan.hash === null) throw new RoomtoneError('api.not_ready');
  }

  kindOf(source: string): SourceSpec['kind'] | undefined {
    return this.#plan.rooms.flatMap(({ sources }) => sources).find(({ id }) => id === source)?.kind;
  }

  /** What keeps a source of the house from being sensed; null where nothing does. */
  whyOff(source: string): 'house' | 'room' | 'source' | null {
    if (this.#running.has(source)) return null;
    if (!this.on) return 'house';
    return this.#enabled(source) ? 'room' : 'source';
  }

  /**
   * A source is about to be written into the file for somebody who uses the panel or the API: unlike one that the
   * administrator wrote there it starts off, and switching it on is the consent.
   */
  expect({ id, room, kind }: Pick<SourceSpec, 'id' | 'room' | 'kind'>): void {
    this.#state.set(enabledKey(id), false);
    this.#state.set(consentKey(id), { room, kind, at: this.#clock.wall(), file: null });
  }

  sources(room: string): SourceView[] {
    const planned = this.#plan.rooms.find((each) => each.id === room);
    if (!planned) return [];
    if (this.demoRoom === room) return [this.#demoView(room)];
    return planned.sources.map((source) => this.#view(room, source));
  }

  #view(room: string, { id, kind }: SourceSpec): SourceView {
    const status = this.#running.has(id) ? this.#status.get(id) : undefined;
    const state = this.#running.has(id) ? (status?.state ?? 'starting') : 'off';
    const problem = this.#running.has(id) ? this.#problems.get(`source:${id}`) : null;
    return { id, room, kind, enabled: this.#enabled(id), state, rate: status?.rate ?? 0, dropped: status?.dropped ?? 0, problem };
  }

  #demoView(room: string): SourceView {
    const enabled = this.#state.get(DEMO, z.boolean()) ?? true;
    return { id: DEMO_SOURCE, room, kind: 'demo', enabled, state: this.demo ? 'demo' : 'off', rate: 0, dropped: 0, problem: null };
  }

  #enabled(source: string): boolean {
    return this.#state.get(enabledKey(source), z.boolean()) ?? true;
  }

  #apply(roomsBefore = this.#sensedRooms()): void {
    const before = { sources: this.#running, rooms: roomsBefore };
    const sensible = new Set(this.#sensible().map(({ id }) => id));
    for (const room of [...this.#told.keys()]) if (!sensible.has(room)) this.#forgetTold(room);
    for (const [wearer, { room }] of [...this.#worn]) if (!sensible.has(room)) this.#takeOff(wearer);
    this.#running = this.#wanted();
    this.#senses.apply({
      sources: [...this.#running.values()],
      text: this.#told.size > 0,
      models: this.#plan.models,
      tuning: this.#plan.tuning,
    });
    for (const [id, { room }] of before.sources) if (this.#running.get(id)?.room !== room) this.#forget(room, id);
    const recorded = this.#applyDemo();
    const now = this.#sensedRooms();
    for (const room of before.rooms) if (!now.has(room) || room === recorded) this.events.emit('quiet', { room });
    for (const room of this.#plan.rooms) this.events.emit('changed', { room: room.id });
  }

  #wanted(): Map<string, SourceSpec> {
    const sources = this.#sensible().flatMap((room) => room.sources.filter(({ id }) => this.#enabled(id)));
    return new Map(sources.map((source) => [source.id, source]));
  }

  /** Rooms in which anything may be sensed at all. */
  #sensible(): readonly SensingRoom[] {
    return this.on ? this.#plan.rooms.filter(({ off }) => !off) : [];
  }

  #sensedRooms(): Set<string> {
    const rooms = [...[...this.#running.values(), ...this.#worn.values()].map(({ room }) => room), ...this.#told.keys()];
    return new Set(this.#demo.room === null ? rooms : [...rooms, this.#demo.room]);
  }

  #forget(room: string, source: string): void {
    this.#status.delete(source);
    this.#problems.set(`source:${source}`, null);
    this.events.emit('stopped', { room, source });
  }

  #endTold(room: string): void {
    const before = this.#sensedRooms();
    this.#forgetTold(room);
    this.#apply(before);
  }

  #forgetTold(room: string): void {
    this.#told.get(room)?.cancel();
    this.#told.delete(room);
    this.#senses.forgetTexts(room);
    this.events.emit('stopped', { room, source: TEXT_SOURCE });
  }

  #endWorn(wearer: string): void {
    const before = this.#sensedRooms();
    this.#takeOff(wearer);
    this.#apply(before);
  }

  #takeOff(wearer: string): void {
    const worn = this.#worn.get(wearer);
    worn?.timer.cancel();
    this.#worn.delete(wearer);
    if (worn) this.events.emit('stopped', { room: worn.room, source: wearer });
  }

  /** The room whose recording ended by this, if one did. */
  #applyDemo(): string | null {
    const room = this.demoRoom;
    const off = this.#plan.rooms.find((each) => each.id === room)?.off ?? true;
    const before = this.#demo.room;
    this.#demo.playIn(this.on && !off && (this.#state.get(DEMO, z.boolean()) ?? true) ? room : null);
    if (this.#demo.room !== before) this.events.emit('demo');
    if (before === null || this.#demo.room !== null) return null;
    this.events.emit('stopped', { room: before, source: DEMO_SOURCE });
    return before;
  }

  /** What was under way when its source was switched off is not let in any more. */
  #pass(observation: Observation): void {
    const { modality, room, source } = observation;
    if (modality === 'text' ? this.#told.has(room) : this.#running.has(source)) this.events.emit('observation', observation);
  }

  #note(status: SourceReport): void {
    const spec = this.#running.get(status.source);
    if (!spec) return;
    this.#status.set(status.source, status);
    this.#problems.set(`source:${status.source}`, status.problem);
    this.events.emit('changed', { room: spec.room });
  }

  /** A source that stands in the file is the administrator's consent: noted once for each source, its room and its kind. */
  #recordConsent(source: SourceSpec): void {
    const key = consentKey(source.id);
    const before = this.#state.get(key, z.object({ room: z.string(), kind: z.string() }));
    if (before?.room === source.room && before.kind === source.kind) return;
    const file = this.#plan.hash ?? '';
    this.#state.set(key, { room: source.room, kind: source.kind, at: this.#clock.wall(), file });
    const params = { kind: source.kind, room: source.room, file };
    this.#audit.record({ actor: 'system:configuration', action: 'consent.given', subject: source.id, params });
  }
}
