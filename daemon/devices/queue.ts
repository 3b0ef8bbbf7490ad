import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { LaneLimits, Route } from './adapter.ts';
import type { Command, QueueEvent, QueuePhase } from './command.ts';
import type { AttributeName, DeviceId } from './device.ts';
import { mergeCommands, without } from './merge.ts';
import { backoff, Pace } from './pace.ts';

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
export type DropReason = 'superseded' | 'hand' | 'expired' | 'closed';

/** A device that is spoken to: one command on its way, one waiting behind it. */
interface Station {
  device: DeviceId;
  lane: Lane;
  waiting?: Waiting & { expiry: Timer };
  flying?: Flight;
}

interface Waiting {
  command: Command;
  /** Sends that failed so far. */
  attempts: number;
  /** Not sent again before this moment. */
  notBefore: number;
  /** Dropped at this moment, if it still waits. */
  expiresAt: number;
}

interface Flight {
  command: Command;
  attempts: number;
  expiresAt: number;
  abort: AbortController;
  deadline: Timer;
  /** Taken over by a person meanwhile: not to be tried again. */
  cancelled: Set<AttributeName>;
}

/** What shares one bridge or coordinator, and so its limits. */
interface Lane {
  key: string;
  limits: LaneLimits;
  pace: Pace;
  flying: number;
  /** Whoever waits, longest first: a device that was served goes to the end. */
  line: Set<Station>;
  /** Told to slow down: nothing goes before this moment. */
  pausedUntil: number;
  /** Times in a row that it was told so. */
  strikes: number;
  timer?: Timer;
}

/**
 * Carries commands to devices without asking more of them than they bear. Per device one command is on its way and one
 * waits; what comes meanwhile is merged into the one that waits, newest attribute first. Per lane a token bucket and a cap
 * on answers awaited. Every command submitted ends in exactly one of `acked`, `dropped` and `failed`.
 */
export class CommandQueue implements Part {
  readonly events = new EventEmitter<{ event: [QueueEvent] }>();
  readonly #options: CommandQueueOptions;
  readonly #limits: QueueLimits;
  readonly #stations = new Map<DeviceId, Station>();
  readonly #lanes = new Map<string, Lane>();
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
        this.#land(station);
        flight.abort.abort(new RoomtoneError('api.closed'));
        this.#emit('dropped', flight.command, 'closed');
      }
    }
  }

  /** Commands that wait, and that are on their way. */
  get load(): { waiting: number; flying: number } {
    const stations = [...this.#stations.values()];
    return { waiting: stations.filter((each) => each.waiting).length, flying: stations.filter((each) => each.flying).length };
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
    this.#pump(station.lane);
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

  readonly #onAvailability = ({ device }: { device: DeviceId }): void => {
    const station = this.#stations.get(device);
    if (station) this.#pump(station.lane);
  };

  #stationFor(command: Command): Station | undefined {
    const { device } = command;
    const known = this.#stations.get(device);
    if (known) return known;
    try {
      const { key, limits } = this.#options.routes.route(device);
      const lane = this.#lanes.get(key) ?? newLane(key, limits);
      this.#lanes.set(key, lane);
      return { device, lane };
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

  #land(station: Station): void {
    station.flying?.deadline.cancel();
    delete station.flying;
    station.lane.flying -= 1;
    this.#forgetIdle(station);
  }

  /** A station without work is looked up anew next time: its adapter may be another one by then. */
  #forgetIdle(station: Station): void {
    if (!station.waiting && !station.flying) this.#stations.delete(station.device);
  }

  #pump(lane: Lane): void {
    lane.timer?.cancel();
    delete lane.timer;
    while (!this.#closed && lane.flying < lane.limits.inFlight) {
      const now = this.#options.clock.mono();
      const pause = Math.max(lane.pace.wait(now), lane.pausedUntil - now);
      const { ready, wait } = this.#next(lane, now);
      if (!ready || pause > 0) {
        this.#wakeIn(lane, Math.max(pause, wait));
        return;
      }
      this.#send(ready, now);
    }
  }

  /** The station whose turn it is, or the ms until there may be one (Infinity: something else must happen first). */
  #next(lane: Lane, now: number): { ready?: Station; wait: number } {
    let wait = Number.POSITIVE_INFINITY;
    for (const station of lane.line) {
      if (!station.waiting || station.flying || !this.#options.routes.available(station.device)) continue;
      if (station.waiting.notBefore <= now) return { ready: station, wait: 0 };
      wait = Math.min(wait, station.waiting.notBefore - now);
    }
    return { wait };
  }

  #wakeIn(lane: Lane, ms: number): void {
    lane.timer?.cancel();
    if (Number.isFinite(ms)) lane.timer = this.#options.clock.after(ms, () => this.#pump(lane));
  }

  #send(station: Station, now: number): void {
    const waiting = this.#unqueue(station);
    if (!waiting) return;
    const { lane } = station;
    const flight: Flight = {
      command: waiting.command,
      attempts: waiting.attempts + 1,
      expiresAt: waiting.expiresAt,
      abort: new AbortController(),
      deadline: this.#options.clock.after(this.#limits.answerWithin, () => {
        const error = new RoomtoneError('device.timeout', { params: { device: station.device } });
        flight.abort.abort(error);
        this.#answered(station, flight, error);
      }),
      cancelled: new Set(),
    };
    station.flying = flight;
    lane.flying += 1;
    lane.pace.take(now);
    this.#emit('sent', flight.command);
    this.#options.routes.apply(flight.command, flight.abort.signal).then(
      () => this.#answered(station, flight),
      (error: unknown) => this.#answered(station, flight, toRoomtoneError(error)),
    );
  }

  /** An answer that comes after the deadline, or after `close`, finds its flight gone. */
  #answered(station: Station, flight: Flight, error?: RoomtoneError): void {
    if (station.flying !== flight) return;
    this.#land(station);
    if (!error) {
      station.lane.strikes = 0;
      this.#emit('acked', flight.command);
    } else this.#retryOrFail(station, flight, error);
    this.#pump(station.lane);
  }

  #retryOrFail(station: Station, flight: Flight, error: RoomtoneError): void {
    const now = this.#options.clock.mono();
    const limited = error.code === 'device.rate_limited';
    if (limited) this.#slowDown(station.lane, now);
    const rest = without(flight.command, flight.cancelled);
    if (!error.retryable || (!limited && flight.attempts >= this.#limits.attempts)) this.#fail(flight, error);
    else if (!rest) this.#emit('dropped', flight.command, 'hand');
    else if (now >= flight.expiresAt) this.#emit('dropped', flight.command, 'expired');
    else {
      // Being told to slow down says nothing about the command: it costs no attempt, and the lane waits for all.
      const attempts = limited ? flight.attempts - 1 : flight.attempts;
      const delay = limited ? 0 : backoff(this.#retry, attempts, this.#options.random);
      this.#requeue(station, { command: rest, attempts, notBefore: now + delay, expiresAt: flight.expiresAt });
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

  #slowDown(lane: Lane, now: number): void {
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
    this.events.emit('event', reason === undefined ? { phase, command, at } : { phase, command, at, reason });
  }
}

function newLane(key: string, limits: LaneLimits): Lane {
  return { key, limits, pace: new Pace(limits), flying: 0, line: new Set(), pausedUntil: 0, strikes: 0 };
}
