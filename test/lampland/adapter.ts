import { EventEmitter } from 'node:events';
import type { Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter, AdapterContext, AdapterEvents, Route } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import { Connection, type LampState } from './connection.ts';
import type { LamplandOptions } from './options.ts';

export interface LamplandTimings {
  /** ms until an answer must be there */
  answerWithin: number;
  /** ms between two questions whether the bridge is still there: a connection that is half open looks like silence. */
  askEvery: number;
  /** ms before a bridge that is away is tried again */
  retry: number;
}

const TIMINGS: LamplandTimings = { answerWithin: 5000, askEvery: 20_000, retry: 2000 };

/** The smallest adapter that has a wire, to begin your own from: one bridge with lamps that can be switched and dimmed. */
export class LamplandAdapter implements Adapter {
  readonly id = 'lampland';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #options: LamplandOptions;
  readonly #context: AdapterContext;
  readonly #timings: LamplandTimings;
  readonly #lamps = new Map<DeviceId, LampState>();
  readonly #available = new Set<DeviceId>();
  #connection: Connection | undefined;
  /** The bridge has given its whole list. */
  #listed = false;
  #closed = false;
  #timer: Timer | undefined;
  #troubled = false;

  constructor(options: LamplandOptions, context: AdapterContext, timings: Partial<LamplandTimings> = {}) {
    this.#options = options;
    this.#context = context;
    this.#timings = { ...TIMINGS, ...timings };
  }

  /** Does not wait for the bridge: it is looked for as long as it takes. */
  async start(): Promise<void> {
    this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#connection?.close();
  }

  list(): Device[] {
    return [...this.#lamps].map(([id, { name }]) => ({
      ...{ id, name, adapter: this.id },
      capabilities: { on: true, brightness: { min: 1 } },
    }));
  }

  isGone(device: DeviceId): boolean {
    return this.#listed && !this.#lamps.has(device);
  }

  /** The vendor allows ten commands a second. */
  route(): Route {
    return { key: `lampland:${this.#options.host}`, limits: { rate: 8, burst: 1, inFlight: 1 } };
  }

  async apply({ device, attributes: { on, brightness } }: Command, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const lamp = this.#lamps.get(device)?.lamp;
    if (!this.#connection || lamp === undefined) throw new RoomtoneError('device.unreachable', { params: { device } });
    if (on === undefined && brightness === undefined) return;
    await this.#connection.request({ set: lamp, on, brightness }, signal);
  }

  #connect(): void {
    if (this.#closed) return;
    const { clock } = this.#context;
    const { host } = this.#options;
    const { answerWithin } = this.#timings;
    // Whatever is told first after a gap is what may have changed during it.
    let kind: Report['kind'] = 'resync';
    const onLamps = (lamps: LampState[]): void => {
      if (this.#closed) return;
      this.#tell(lamps, kind);
      kind = 'event';
    };
    const connection = new Connection({ host, clock, answerWithin, onLamps });
    void connection.ended.then((error) => this.#onEnd(error));
    this.#connection = connection;
    this.#ask(connection);
  }

  /** For the whole list, again and again: so silence is noticed. */
  #ask(connection: Connection): void {
    connection.request({ list: true }, new AbortController().signal).then(
      () => {
        if (this.#closed) return;
        this.#timer = this.#context.clock.after(this.#timings.askEvery, () => this.#ask(connection));
      },
      () => {},
    );
  }

  #onEnd({ code, params }: RoomtoneError): void {
    this.#connection = undefined;
    this.#timer?.cancel();
    if (this.#closed) return;
    for (const device of this.#lamps.keys()) this.#tellAvailable(device, false);
    // However often it is tried, and however it fails: that is one problem.
    if (!this.#troubled) this.events.emit('problem', { scope: this.#options.host, problem: { code, params } });
    this.#troubled = true;
    this.#timer = this.#context.clock.after(this.#timings.retry, () => this.#connect());
  }

  #tell(lamps: LampState[], kind: Report['kind']): void {
    const isNews = lamps.some(({ lamp, name }) => this.#lamps.get(`lampland:${lamp}`)?.name !== name);
    const before = new Map(this.#lamps);
    for (const state of lamps) this.#lamps.set(`lampland:${state.lamp}`, state);
    this.#listed = true;
    if (this.#troubled) this.events.emit('problem', { scope: this.#options.host, problem: null });
    this.#troubled = false;
    if (isNews) this.events.emit('devices');
    const at = this.#context.clock.mono();
    for (const { lamp, powered, ...state } of lamps) {
      const device: DeviceId = `lampland:${lamp}`;
      for (const attribute of ['on', 'brightness'] as const) {
        const value = state[attribute];
        if (before.get(device)?.[attribute] === value) continue;
        this.events.emit('report', { device, attribute, value, at, origin: 'unknown', transitional: false, kind });
      }
      this.#tellAvailable(device, powered);
    }
  }

  #tellAvailable(device: DeviceId, available: boolean): void {
    if (this.#available.has(device) === available) return;
    if (available) this.#available.add(device);
    else this.#available.delete(device);
    this.events.emit('availability', { device, available });
  }
}
