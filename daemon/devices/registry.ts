import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type ErrorCode, type MessageParams, RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { StatePort } from '../api/ports.ts';
import type {
  Adapter,
  AdapterContext,
  AdapterEvents,
  AdapterModule,
  ButtonEvent,
  PairingRequest,
  PairingResult,
  Reading,
  Route,
  VaultPort,
} from './adapter.ts';
import type { Command, Report } from './command.ts';
import type { Attributes, Device, DeviceId, DeviceState, Readings } from './device.ts';
import type { DiscoveryPort } from './discovery.ts';
import { KnownDevices } from './known.ts';

/** By folder name; each loads its adapter when it is first needed. */
export type AdapterModules = Readonly<Record<string, () => Promise<AdapterModule>>>;

/** The `adapters:` section of the configuration: options by adapter. */
export type AdapterSections = Readonly<Record<string, unknown>>;

export interface DeviceRegistryOptions {
  log: Logger;
  clock: Clock;
  modules: AdapterModules;
  sections: AdapterSections;
  /** Uniform in [0, 1) */
  random: () => number;
  state: StatePort;
  discovery: DiscoveryPort;
  /** An adapter's own compartment of the vault. */
  vault: (adapter: string) => VaultPort;
}

export interface DeviceRegistryEvents {
  report: [Report];
  reading: [Reading];
  button: [ButtonEvent];
  availability: [{ device: DeviceId; available: boolean }];
  /** The list of devices changed. */
  devices: [];
  /** Scope `adapter:<id>` or `adapter:<id>:<bridge>`; null when it has passed. */
  problem: [{ scope: string; problem: { code: ErrorCode; params: MessageParams } | null }];
}

interface Running {
  adapter: Adapter;
  /** Its section as it was, to tell whether it changed. */
  section: string;
  available: Set<DeviceId>;
  /** Scopes of its own that have a problem now. */
  troubled: Set<string>;
  detach(): void;
}

/**
 * Owns the adapters and knows every device: which there are, where they stand, and who speaks to them. An adapter that
 * cannot start is a problem to be shown; the others go on.
 */
export class DeviceRegistry implements Part {
  readonly events = new EventEmitter<DeviceRegistryEvents>();
  readonly #options: DeviceRegistryOptions;
  readonly #known: KnownDevices;
  readonly #running = new Map<string, Running>();
  /** Adapters whose section, as it is now, could not be put to work. */
  readonly #failing = new Set<string>();
  readonly #values = new Map<DeviceId, Attributes>();
  readonly #readings = new Map<DeviceId, Readings>();
  readonly #closing = new AbortController();
  /** Changes of the set of adapters, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #sections: AdapterSections;
  #closed = false;

  constructor(options: DeviceRegistryOptions) {
    this.#options = options;
    this.#sections = options.sections;
    this.#known = new KnownDevices(options.state);
  }

  async start(): Promise<void> {
    this.#known.load();
    await this.configure(this.#sections);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort(new RoomtoneError('api.closed'));
    await this.#inTurn(async () => {
      await Promise.all([...this.#running.keys()].map((id) => this.#stop(id)));
    });
  }

  /** Starts, replaces and stops adapters so that they fit these sections. An adapter whose new section does not work keeps running with the old. */
  configure(sections: AdapterSections): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) return;
      this.#sections = sections;
      const gone = [...this.#running.keys(), ...this.#failing].filter((id) => !(id in sections));
      for (const id of gone) {
        await this.#stop(id);
        this.#mended(id);
      }
      await Promise.all(Object.keys(sections).map((id) => this.#ensure(id)));
      if (gone.length > 0) this.events.emit('devices');
    });
  }

  /** All devices of the adapters configured, present or away. */
  devices(): Device[] {
    return this.#known.all().filter(({ adapter }) => adapter in this.#sections);
  }

  device(id: DeviceId): Device | undefined {
    const device = this.#known.get(id);
    return device && device.adapter in this.#sections ? device : undefined;
  }

  /** Undefined for a device nobody knows. Values are the last reported ones, also while it is away. */
  state(id: DeviceId): DeviceState | undefined {
    return (
      this.device(id) && { available: this.available(id), values: { ...this.#values.get(id) }, readings: { ...this.#readings.get(id) } }
    );
  }

  available(id: DeviceId): boolean {
    return this.#running.get(adapterName(id))?.available.has(id) ?? false;
  }

  route(id: DeviceId): Route {
    if (!this.device(id)) throw new RoomtoneError('api.unknown_device', { params: { device: id } });
    return this.#adapterOf(id).route(id);
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    await this.#adapterOf(command.device).apply(command, signal);
  }

  /**
   * Pairs what answers at an address, then restarts the adapter, so that it uses the new credentials at once.
   * @throws RoomtoneError `adapter.unknown`, `adapter.no_pairing`, and what the adapter's own pairing throws
   */
  async pair(adapter: string, request: PairingRequest): Promise<PairingResult> {
    const module = await this.#load(adapter);
    if (!module.pair) throw new RoomtoneError('adapter.no_pairing', { params: { adapter } });
    const result = await module.pair(request, this.#context(adapter));
    await this.#inTurn(async () => {
      if (this.#closed || !(adapter in this.#sections)) return;
      const running = this.#running.get(adapter);
      if (running) running.section = '';
      await this.#ensure(adapter);
    });
    return result;
  }

  /** Forgets a device that its adapter no longer lists. One that is still there comes back by itself. */
  forget(id: DeviceId): void {
    this.#known.forget(id);
    this.#values.delete(id);
    this.events.emit('devices');
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(change, change);
    return this.#changes;
  }

  /** Makes the adapter run with its section; never throws. */
  async #ensure(id: string): Promise<void> {
    const section = JSON.stringify(this.#sections[id] ?? {});
    if (this.#running.get(id)?.section === section) {
      this.#mended(id);
      return;
    }
    try {
      const next = await this.#launch(id, section);
      const before = this.#running.get(id);
      this.#running.set(id, next);
      await this.#retire(before, next);
      this.#mended(id);
      this.#takeList(next);
    } catch (thrown) {
      const error = thrown instanceof RoomtoneError ? thrown : this.#failed(id, thrown);
      this.#options.log.error({ event: 'adapter_failed', adapter: id, code: error.code, err: error }, 'adapter could not be started');
      this.#failing.add(id);
      this.#report(`adapter:${id}`, error);
    }
  }

  #mended(id: string): void {
    if (this.#failing.delete(id)) this.#report(`adapter:${id}`, null);
  }

  #failed(adapter: string, thrown: unknown): RoomtoneError {
    return new RoomtoneError('adapter.failed', { params: { adapter, what: toRoomtoneError(thrown).message }, cause: thrown });
  }

  async #launch(id: string, section: string): Promise<Running> {
    const module = await this.#load(id);
    const parsed = module.options.safeParse(JSON.parse(section));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const what = issue ? [issue.path.join('.'), issue.message].filter(Boolean).join(': ') : 'unknown';
      throw new RoomtoneError('adapter.invalid_options', { params: { adapter: id, what } });
    }
    const adapter = module.create(parsed.data, this.#context(id));
    const running = this.#attach(adapter, section);
    try {
      await adapter.start(this.#closing.signal);
      return running;
    } catch (error) {
      running.detach();
      await adapter.close();
      throw error;
    }
  }

  async #load(id: string): Promise<AdapterModule> {
    const { modules } = this.#options;
    const load = Object.hasOwn(modules, id) ? modules[id] : undefined;
    if (!load) throw new RoomtoneError('adapter.unknown', { params: { adapter: id, known: Object.keys(modules).join(', ') } });
    return load();
  }

  #context(id: string): AdapterContext {
    const { log, clock, random, state, discovery, vault } = this.#options;
    return { log: log.child({ adapter: id }), clock, random, state, discovery, vault: vault(id) };
  }

  #attach(adapter: Adapter, section: string): Running {
    const running: Running = { adapter, section, available: new Set(), troubled: new Set(), detach: () => {} };
    const listeners: { [Event in keyof AdapterEvents]: (...args: AdapterEvents[Event]) => void } = {
      report: (report) => this.#onReport(report),
      reading: (reading) => this.#onReading(reading),
      button: (event) => this.events.emit('button', event),
      availability: ({ device, available }) => this.#onAvailability(running, device, available),
      devices: () => this.#takeList(running),
      problem: ({ scope, problem }) => this.#onProblem(running, `adapter:${adapter.id}:${scope}`, problem),
    };
    const { events } = adapter;
    events.on('report', listeners.report).on('reading', listeners.reading).on('button', listeners.button);
    events.on('availability', listeners.availability);
    events.on('devices', listeners.devices).on('problem', listeners.problem);
    running.detach = () => {
      events.off('report', listeners.report).off('reading', listeners.reading).off('button', listeners.button);
      events.off('availability', listeners.availability);
      events.off('devices', listeners.devices).off('problem', listeners.problem);
    };
    return running;
  }

  async #stop(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    await this.#retire(running);
  }

  /** Closes an adapter that is no longer in charge and makes good what differs under its successor. */
  async #retire(running: Running | undefined, next?: Running): Promise<void> {
    running?.detach();
    await running?.adapter.close();
    for (const scope of running?.troubled ?? []) if (!next?.troubled.has(scope)) this.#report(scope, null);
    const was = running?.available ?? new Set<DeviceId>();
    const is = next?.available ?? new Set<DeviceId>();
    for (const device of minus(was, is)) this.events.emit('availability', { device, available: false });
    for (const device of minus(is, was)) this.events.emit('availability', { device, available: true });
  }

  #onReport(report: Report): void {
    const values = { ...this.#values.get(report.device), [report.attribute]: report.value };
    // A lamp shows a white or a color, never both.
    if (report.attribute === 'color') delete values.colorTemperature;
    if (report.attribute === 'colorTemperature') delete values.color;
    this.#values.set(report.device, values);
    this.events.emit('report', report);
  }

  #onReading(reading: Reading): void {
    this.#readings.set(reading.device, { ...this.#readings.get(reading.device), [reading.reading]: reading.value });
    this.events.emit('reading', reading);
  }

  #onAvailability(running: Running, device: DeviceId, available: boolean): void {
    if (running.available.has(device) === available) return;
    if (available) running.available.add(device);
    else running.available.delete(device);
    if (this.#running.get(running.adapter.id) === running) this.events.emit('availability', { device, available });
  }

  #onProblem(running: Running, scope: string, problem: { code: ErrorCode; params: MessageParams } | null): void {
    if (problem) running.troubled.add(scope);
    else running.troubled.delete(scope);
    this.#report(scope, problem);
  }

  #report(scope: string, problem: { code: ErrorCode; params: MessageParams } | null): void {
    this.events.emit('problem', { scope, problem: problem && { code: problem.code, params: problem.params } });
  }

  /** What is not listed may only be out of sight: the adapter knows. */
  #takeList(running: Running): void {
    const list = running.adapter.list();
    const listed = new Set(list.map(({ id }) => id));
    for (const device of list) this.#known.remember(device);
    for (const { id, adapter } of this.#known.all()) {
      if (adapter !== running.adapter.id || listed.has(id) || !running.adapter.isGone(id)) continue;
      this.#onAvailability(running, id, false);
      this.#known.forget(id);
      this.#values.delete(id);
      this.#readings.delete(id);
    }
    this.events.emit('devices');
  }

  #adapterOf(device: DeviceId): Adapter {
    const running = this.#running.get(adapterName(device));
    if (!running) throw new RoomtoneError('device.unreachable', { params: { device } });
    return running.adapter;
  }
}

const adapterName = (device: DeviceId): string => device.slice(0, device.indexOf(':'));

const minus = (set: ReadonlySet<DeviceId>, other: ReadonlySet<DeviceId>): DeviceId[] => [...set].filter((each) => !other.has(each));
