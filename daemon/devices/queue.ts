import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import type { QueueView } from '../api/devices.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { DeviceGroup, Route } from './adapter.ts';
import { ATTRIBUTE_NAMES } from './attributes.ts';
import type { Command, GroupCommand, QueueEvent, QueuePhase } from './command.ts';
import type { AttributeName, DeviceId } from './device.ts';
import { type Flight, Lane, type Sending, type Station, shared, type Waiting } from './lane.ts';
import { mergeCommands, without } from './merge.ts';
import { QueueMetrics } from './metrics.ts';
import { backoff, type Pace } from './pace.ts';

/** Where commands go: the registry of devices, as the queue needs it. */
export interface CommandRoutes {
  readonly events: {
    on(event: 'availability', listener: (change: { device: DeviceId; available: boolean }) => void): unknown;
    off(event: 'availability', listener: (change: { device: DeviceId; available: boolean }) => void): unknown;
  };
  /** @throws RoomtoneError `api.unknown_device`, `device.unreachable` */
  route(device: DeviceId): Route;
  available(device: DeviceId): boolean;
  /** @throws RoomtoneError */
  apply(command: Command, signal: AbortSignal): Promise<void>;
  /** Groups that a device is a member of. */
  groups?(device: DeviceId): readonly DeviceGroup[];
  /** @throws RoomtoneError */
  applyToGroup?(command: GroupCommand, signal: AbortSignal): Promise<void>;
}

export interface CommandQueueOptions {
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  routes: CommandRoutes;
  limits?: Partial<QueueLimits>;
}

export interface QueueLimits {
  /** Sends of one command, the first one included. */
  attempts: number;
  /** ms that a command may wait, for its device or for its turn. */
  timeToLive: number;
  /** ms without an answer after which a send counts as failed. */
  answerWithin: number;
  /** ms before the first retry, and before a lane that was told to slow down goes on. */
  firstRetry: number;
  longestRetry: number;
}

const DEFAULTS: QueueLimits = { attempts: 5, timeToLive: 60_000, answerWithin: 10_000, firstRetry: 250, longestRetry: 10_000 };

/** Reasons of `dropped`. */
export type DropReason = 'superseded' | 'hand' | 'expired' | 'closed' | 'forgotten';

/**
 * Carries commands to devices without asking more of them than they bear. Per device one command is on its way and one
 * waits; what comes meanwhile is merged into the one that waits, newest attribute first. Per lane a token bucket and a cap
 * on answers awaited; per device another bucket where the adapter asks for one. What all members of a group are to become
 * in the same moment goes as one command to the group, if its turn has come. Every command submitted ends in exactly one of
 * `acked`, `dropped` and `failed`.
 */
export class CommandQueue implements Part {
  readonly events = new EventEmitter<{ event: [QueueEvent] }>();
  readonly #options: CommandQueueOptions;
  readonly #limits: QueueLimits;
  readonly #stations = new Map<DeviceId, Station>();
  readonly #lanes = new Map<string, Lane>();
  readonly #paces = new Map<DeviceId, Pace>();
  readonly #metrics = new QueueMetrics();
  #closed = false;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULTS, ...options.limits };
  }

  async start(): Promise<void> {
    this.#options.routes.events.on('availability', this.#onAvailability);
  }

  /** Drops what waits, aborts what is on its way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.routes.events.off('availability', this.#onAvailability);
    for (const lane of this.#lanes.values()) lane.timer?.cancel();
    for (const station of [...this.#stations.values()]) {
      this.#drop(station, 'closed');
      const flight = station.flying;
      if (flight) {
        this.#land(flight.sending);
        flight.sending.abort.abort(new RoomtoneError('api.closed'));
        for (const { command } of flight.sending.flights) this.#emit('dropped', command, 'closed');
      }
    }
  }

  /** Commands that wait, and calls that are on their way. */
  get load(): { waiting: number; flying: number } {
    const stations = [...this.#stations.values()];
    const sendings = new Set(stations.flatMap(({ flying }) => flying?.sending ?? []));
    return { waiting: stations.filter((each) => each.waiting).length, flying: sendings.size };
  }

  get metrics(): QueueView {
    return this.#metrics.read(this.load);
  }

  /** Takes the command; how it went comes as events. */
  submit(command: Command): void {
    if (this.#closed) {
      this.#emit('dropped', command, 'closed');
      return;
    }
    const station = this.#stationFor(command);
    if (!station) return;
    this.#enqueue(station, command);
    if (this.#groupsOf(command.device).length > 0) this.#gather(station.lane);
    else this.#pump(station.lane);
  }

  /**
   * A person took these attributes over: commands that wait lose them, and one that is on its way is not tried again for
   * them. Whoever calls it names `brightness`, `color` and the like as well when the person switched the lamp off.
   */
  cancel(device: DeviceId, attributes: readonly AttributeName[]): void {
    const station = this.#stations.get(device);
    if (!station) return;
    for (const name of attributes) station.flying?.cancelled.add(name);
    if (!station.waiting) return;
    const rest = without(station.waiting.command, attributes);
    if (rest) station.waiting.command = rest;
    else this.#drop(station, 'hand');
  }

  /** The device is no longer known: nothing is sent to it any more, and nothing kept of it. */
  forget(device: DeviceId): void {
    this.#paces.delete(device);
    const station = this.#stations.get(device);
    if (!station) return;
    if (station.flying) for (const name of ATTRIBUTE_NAMES) station.flying.cancelled.add(name);
    this.#drop(station, 'forgotten');
  }

  readonly #onAvailability = ({ device }: { device: DeviceId }): void => {
    const station = this.#stations.get(device);
    if (station) this.#pump(station.lane);
  };

  #stationFor(command: Command): Station | undefined {
    const { device } = command;
    const known = this.#stations.get(device);
    if (known) return known;
    try {
      const { key, limits, perDevice } = this.#options.routes.route(device);
      const lane = this.#lanes.get(key) ?? new Lane(key, limits);
      this.#lanes.set(key, lane);
      return { device, lane, ...(perDevice ? { pace: shared(this.#paces, device, perDevice) } : {}) };
    } catch (error) {
      this.#emit('failed', command, toRoomtoneError(error).code);
      return undefined;
    }
  }

  #enqueue(station: Station, command: Command): void {
    const before = station.waiting;
    const merged = before ? mergeCommands(before.command, command) : command;
    const expiresAt = this.#options.clock.mono() + this.#limits.timeToLive;
    this.#wait(station, { command: merged, attempts: 0, notBefore: before?.notBefore ?? 0, expiresAt });
    if (before) this.#emit('dropped', before.command, 'superseded');
    this.#emit('queued', merged);
  }

  /** Keeps its place in the line if it has one. */
  #wait(station: Station, waiting: Waiting): void {
    station.waiting?.expiry.cancel();
    const expiry = this.#options.clock.after(waiting.expiresAt - this.#options.clock.mono(), () => this.#drop(station, 'expired'));
    station.waiting = { ...waiting, expiry };
    station.lane.line.add(station);
    this.#stations.set(station.device, station);
  }

  #drop(station: Station, reason: DropReason): void {
    const waiting = this.#unqueue(station);
    this.#forgetIdle(station);
    if (waiting) this.#emit('dropped', waiting.command, reason);
  }

  #unqueue(station: Station): Waiting | undefined {
    const { waiting } = station;
    waiting?.expiry.cancel();
    station.lane.line.delete(station);
    delete station.waiting;
    return waiting;
  }

  #land({ flights, deadline }: Sending): void {
    deadline.cancel();
    for (const [index, { station }] of flights.entries()) {
      delete station.flying;
      if (index === 0) station.lane.flying -= 1;
      this.#forgetIdle(station);
    }
  }

  /** A station without work is looked up anew next time: its adapter may be another one by then. */
  #forgetIdle(station: Station): void {
    if (!station.waiting && !station.flying) this.#stations.delete(station.device);
  }

  /** Whoever asks something of a whole room does so in one go: what is common to it shows only at the end of that. */
  #gather(lane: Lane): void {
    if (lane.isGathering) return;
    lane.isGathering = true;
    queueMicrotask(() => {
      lane.isGathering = false;
      this.#pump(lane);
    });
  }

  #pump(lane: Lane): void {
    if (lane.isGathering) return;
    lane.timer?.cancel();
    lane.timer = undefined;
    while (!this.#closed && lane.flying < lane.limits.inFlight) {
      const now = this.#options.clock.mono();
      const pause = Math.max(lane.pace.wait(now), lane.pausedUntil - now);
      const { ready, wait } = this.#next(lane, now);
      if (!ready || pause > 0) {
        this.#wakeIn(lane, Math.max(pause, wait));
        return;
      }
      const group = this.#wholeGroup(ready, now);
      if (group) this.#sendToGroup(group, now);
      else this.#sendTo(ready, now);
    }
  }

  /** The station whose turn it is, or the ms until there may be one (Infinity: something else must happen first). */
  #next(lane: Lane, now: number): { ready?: Station; wait: number } {
    let least = Number.POSITIVE_INFINITY;
    for (const station of lane.line) {
      const wait = this.#waitOf(station, now);
      if (wait === 0) return { ready: station, wait };
      least = Math.min(least, wait);
    }
    return { wait: least };
  }

  #waitOf(station: Station, now: number): number {
    if (!station.waiting || station.flying || !this.#options.routes.available(station.device)) return Number.POSITIVE_INFINITY;
    return Math.max(0, station.waiting.notBefore - now, station.pace?.wait(now) ?? 0);
  }

  #wakeIn(lane: Lane, ms: number): void {
    lane.timer?.cancel();
    if (Number.isFinite(ms)) lane.timer = this.#options.clock.after(ms, () => this.#pump(lane));
  }

  #groupsOf(device: DeviceId): readonly DeviceGroup[] {
    return this.#options.routes.groups?.(device) ?? [];
  }

  /** The largest group that this device and all other members are about to become the same in, if a command to it may go now. */
  #wholeGroup({ device, lane, waiting }: Station, now: number): { group: DeviceGroup; stations: Station[] } | undefined {
    const wish = waiting && wishOf(waiting.command);
    for (const group of this.#groupsOf(device).toSorted((a, b) => b.members.length - a.members.length)) {
      if (group.members.length < 2 || lane.groupPace(group).wait(now) > 0 || !carries(group, waiting?.command)) continue;
      const stations = group.members.flatMap((member) => this.#stations.get(member) ?? []);
      const isReady = (each: Station): boolean =>
        each.lane === lane && this.#waitOf(each, now) === 0 && each.waiting !== undefined && wishOf(each.waiting.command) === wish;
      if (stations.length === group.members.length && stations.every(isReady)) return { group, stations };
    }
    return undefined;
  }

  #sendTo(station: Station, now: number): void {
    this.#send([station], now, (flights, signal) => this.#options.routes.apply(flights[0].command, signal));
  }

  #sendToGroup({ group, stations }: { group: DeviceGroup; stations: Station[] }, now: number): void {
    stations[0]?.lane.groupPace(group).take(now);
    this.#metrics.groupCalls += 1;
    this.#send(stations, now, async (flights, signal) => {
      const commands = flights.map(({ command }) => command);
      const { attributes, transition } = flights[0].command;
      await this.#options.routes.applyToGroup?.({ group: group.id, attributes, transition, commands }, signal);
    });
  }

  #send(stations: readonly Station[], now: number, call: (flights: [Flight, ...Flight[]], signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    const sending: Sending = {
      flights: [],
      abort,
      deadline: this.#options.clock.after(this.#limits.answerWithin, () => this.#onSilence(sending)),
    };
    sending.flights = stations.flatMap((station) => this.#takeOff(station, { sending, now }));
    const [first, ...rest] = sending.flights;
    if (!first) {
      sending.deadline.cancel();
      return;
    }
    first.station.lane.flying += 1;
    first.station.lane.pace.take(now);
    this.#metrics.calls += 1;
    for (const { command } of sending.flights) this.#emit('sent', command);
    call([first, ...rest], abort.signal).then(
      () => this.#answered(sending),
      (error: unknown) => this.#answered(sending, toRoomtoneError(error)),
    );
  }

  #takeOff(station: Station, { sending, now }: { sending: Sending; now: number }): Flight[] {
    const waiting = this.#unqueue(station);
    if (!waiting) return [];
    const { command, attempts, expiresAt } = waiting;
    station.flying = { station, command, attempts: attempts + 1, expiresAt, sending, cancelled: new Set() };
    station.pace?.take(now);
    return [station.flying];
  }

  #onSilence(sending: Sending): void {
    const device = sending.flights[0]?.station.device ?? '';
    const error = new RoomtoneError('device.timeout', { params: { device } });
    sending.abort.abort(error);
    this.#answered(sending, error);
  }

  /** An answer that comes after the deadline, or after `close`, finds its flight gone. */
  #answered(sending: Sending, error?: RoomtoneError): void {
    const { flights } = sending;
    const lane = flights[0]?.station.lane;
    if (!lane || flights[0]?.station.flying?.sending !== sending) return;
    this.#land(sending);
    if (!error) {
      lane.strikes = 0;
      for (const { command } of flights) this.#emit('acked', command);
    } else {
      if (error.code === 'device.rate_limited') this.#slowDown(lane);
      for (const flight of flights) this.#retryOrFail(flight, error);
    }
    this.#pump(lane);
  }

  #retryOrFail(flight: Flight, error: RoomtoneError): void {
    const now = this.#options.clock.mono();
    const limited = error.code === 'device.rate_limited';
    const rest = without(flight.command, flight.cancelled);
    if (!error.retryable || (!limited && flight.attempts >= this.#limits.attempts)) this.#fail(flight, error);
    else if (!rest) this.#emit('dropped', flight.command, 'hand');
    else if (now >= flight.expiresAt) this.#emit('dropped', flight.command, 'expired');
    else {
      // Being told to slow down says nothing about the command: it costs no attempt, and the lane waits for all.
      const attempts = limited ? flight.attempts - 1 : flight.attempts;
      const delay = limited ? 0 : backoff(this.#retry, attempts, this.#options.random);
      this.#requeue(flight.station, { command: rest, attempts, notBefore: now + delay, expiresAt: flight.expiresAt });
    }
  }

  #fail({ command, attempts }: Flight, { code }: RoomtoneError): void {
    this.#options.log.warn({ event: 'command_failed', device: command.device, code, attempts }, 'command failed');
    this.#emit('failed', command, code);
  }

  /** Back to the line; if a newer command waits by now, that one takes it in. */
  #requeue(station: Station, again: Waiting): void {
    const newer = station.waiting;
    if (!newer) this.#wait(station, again);
    else {
      newer.command = mergeCommands(again.command, newer.command);
      newer.notBefore = again.notBefore;
      this.#emit('dropped', again.command, 'superseded');
    }
  }

  #slowDown(lane: Lane): void {
    this.#metrics.rateLimited += 1;
    const now = this.#options.clock.mono();
    if (now < lane.pausedUntil) return;
    lane.strikes += 1;
    const pause = backoff(this.#retry, lane.strikes, this.#options.random);
    lane.pausedUntil = now + pause;
    this.#options.log.debug({ event: 'lane_slowed', lane: lane.key, ms: pause, strikes: lane.strikes }, 'lane told to slow down');
  }

  get #retry() {
    return { first: this.#limits.firstRetry, longest: this.#limits.longestRetry };
  }

  #emit(phase: QueuePhase, command: Command, reason?: string): void {
    const at = this.#options.clock.mono();
    const event: QueueEvent = { phase, command, at, ...(reason === undefined ? {} : { reason }) };
    this.#metrics.note(event);
    this.events.emit('event', event);
  }
}

const carries = ({ attributes }: DeviceGroup, command: Command | undefined): boolean =>
  !attributes || Object.keys(command?.attributes ?? {}).every((name) => attributes.includes(name as AttributeName));

/** What two commands must have in common to be one for a group. */
const wishOf = ({ attributes, transition }: Command): string => JSON.stringify([Object.entries(attributes).sort(), transition]);
