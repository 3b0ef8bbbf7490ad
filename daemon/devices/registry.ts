import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError, toRoomtoneError } from '../api/errors.ts';
import type { Part } from '../api/part.ts';
import type { StatePort } from '../api/ports.ts';
import type {
  Adapter,
  AdapterContext,
  AdapterModule,
  AdapterScene,
  AnnounceRequest,
  DeviceGroup,
  PairedHost,
  PairingRequest,
  PairingResult,
  Reading,
  Route,
  Skip,
  VaultPort,
} from './adapter.ts';
import type { Command, GroupCommand, Report } from './command.ts';
import type { Attributes, Device, DeviceId, DeviceState, Readings } from './device.ts';
import type { Candidate, DiscoveryPort } from './discovery.ts';
import { AdapterHost, type AdapterHostEvents } from './host.ts';
import { KnownDevices } from './known.ts';
import type { MeshPort } from './mesh.ts';
import type { Permissions } from './permissions.ts';
import { within } from './within.ts';

/** By folder name; each loads its adapter when it is first needed. */
export type AdapterModules = Readonly<Record<string, () => Promise<AdapterModule>>>;

/** The `adapters:` section of the configuration: options by adapter. */
export type AdapterSections = Readonly<Record<string, unknown>>;

export interface DeviceRegistryOptions {
  log: Logger;
  clock: Clock;
  /** Uniform in [0, 1) */
  random: () => number;
  modules: AdapterModules;
  sections: AdapterSections;
  state: StatePort;
  discovery: DiscoveryPort;
  /** An adapter's own compartment of the vault. */
  vault: (adapter: string) => VaultPort;
  /** Makes and gives an adapter's own folder. */
  folder: (adapter: string) => string;
}

export interface DeviceRegistryEvents extends Omit<AdapterHostEvents, 'devices' | 'mesh'> {
  /** What the network of this adapter tells changed. */
  mesh: [{ adapter: string }];
  /** The list of devices, or what they are permitted, changed. */
  devices: [];
  /** A device is no longer known: nothing that is kept of it is of use to anybody. */
  forgotten: [{ device: DeviceId }];
}

/** What was found around the house, by adapter. */
export interface Found {
  candidates: (Candidate & { adapter: string; paired: boolean })[];
  /** Listed by their bridge, but a person has forgotten them. */
  hidden: Device[];
  /** Adapters that could not look. */
  failed: { adapter: string; error: RoomtoneError }[];
}

/** ms that a device may take to show itself, or to be told that it is not wanted. */
const ACT_WITHIN = 15_000;
/** ms that one adapter may look around. */
const DISCOVER_WITHIN = 20_000;

/**
 * Knows every device: which there are, where they stand, what they are permitted, and who speaks to them. An adapter that
 * cannot start is a problem to be shown; the others go on.
 */
export class DeviceRegistry implements Part {
  readonly events = new EventEmitter<DeviceRegistryEvents>();
  readonly #options: DeviceRegistryOptions;
  readonly #known: KnownDevices;
  readonly #hosts = new Map<string, AdapterHost>();
  readonly #values = new Map<DeviceId, Attributes>();
  readonly #readings = new Map<DeviceId, Readings>();
  readonly #closing = new AbortController();
  #sections: AdapterSections;
  #sets: readonly (readonly DeviceId[])[] = [];

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
    this.#closing.abort(new RoomtoneError('api.closed'));
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
  }

  /** Starts, replaces and stops adapters so that they fit these sections. An adapter whose new section does not work keeps running with the old. */
  async configure(sections: AdapterSections): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#sections = sections;
    const gone = [...this.#hosts].filter(([id]) => !(id in sections));
    for (const [id] of gone) this.#hosts.delete(id);
    await Promise.all(gone.map(([, host]) => host.close()));
    await Promise.all(Object.entries(sections).map(([id, section]) => this.#hostOf(id).configure(section)));
    if (gone.length > 0) this.events.emit('devices');
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
    if (!this.device(id)) return undefined;
    return { available: this.available(id), values: { ...this.#values.get(id) }, readings: { ...this.#readings.get(id) } };
  }

  available(id: DeviceId): boolean {
    return this.#hosts.get(adapterName(id))?.available(id) ?? false;
  }

  permissions(id: DeviceId): Permissions {
    return this.#known.permissions(id);
  }

  /** On disk when it returns. @throws RoomtoneError `api.unknown_device` */
  permit(id: DeviceId, permissions: Permissions): void {
    this.#assertKnown(id);
    this.#known.permit(id, permissions);
    this.events.emit('devices');
  }

  /** @throws RoomtoneError `api.unknown_device`, `device.unreachable` */
  route(id: DeviceId): Route {
    this.#assertKnown(id);
    return this.#adapterOf(id).route(id);
  }

  /** Groups that a device is a member of, where one command can reach them. */
  groups(id: DeviceId): DeviceGroup[] {
    const adapter = this.#hosts.get(adapterName(id))?.adapter;
    return adapter?.applyToGroup ? (adapter.groups?.() ?? []).filter(({ members }) => members.includes(id)) : [];
  }

  /** Sets of devices that are often wished the same of: adapters that can make groups make them of these. */
  gather(sets: readonly (readonly DeviceId[])[]): void {
    this.#sets = sets;
    for (const id of this.#hosts.keys()) this.#gatherFor(id);
  }

  /** Whether an adapter keeps a radio network now. */
  hasMesh(adapter: string): boolean {
    return this.#hosts.get(adapter)?.adapter?.mesh !== undefined;
  }

  /** The radio network that an adapter keeps. @throws RoomtoneError `adapter.unknown`, `mesh.none` */
  mesh(adapter: string): MeshPort {
    if (!Object.hasOwn(this.#options.modules, adapter)) this.#refuse(adapter);
    const mesh = this.#hosts.get(adapter)?.adapter?.mesh;
    if (!mesh) throw new RoomtoneError('mesh.none', { params: { adapter } });
    return mesh;
  }

  /** Scenes made elsewhere, of the adapters that run now. */
  scenes(): AdapterScene[] {
    return [...this.#hosts.values()].flatMap(({ adapter }) => adapter?.scenes?.() ?? []);
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    await this.#adapterOf(command.device).apply(command, signal);
  }

  async applyToGroup(command: GroupCommand, signal: AbortSignal): Promise<void> {
    const [first] = command.commands;
    if (first) await this.#adapterOf(first.device).applyToGroup?.(command, signal);
  }

  /** @throws RoomtoneError `api.unknown_device`, `device.unreachable`, `device.no_identify`, and what the adapter throws */
  async identify(id: DeviceId, signal: AbortSignal): Promise<void> {
    this.#assertKnown(id);
    const adapter = this.#adapterOf(id);
    if (!adapter.identify) throw new RoomtoneError('device.no_identify', { params: { device: id } });
    await this.#within(id, signal, async (limited) => adapter.identify?.(id, limited));
  }

  /** @throws RoomtoneError `api.unknown_device`, `device.unreachable`, `api.unsupported_attribute`, and what the adapter throws */
  async skip(id: DeviceId, to: Skip, signal: AbortSignal): Promise<void> {
    this.#assertKnown(id);
    const adapter = this.#adapterOf(id);
    if (!adapter.skip) throw new RoomtoneError('api.unsupported_attribute', { params: { device: id, attribute: 'skip' } });
    await this.#within(id, signal, async (limited) => adapter.skip?.(id, to, limited));
  }

  /**
   * Plays something on these players over what they play. Resolves once it is over and they are as they were.
   * @throws RoomtoneError `api.unknown_device`, `device.unreachable`, `api.unsupported_attribute`, and what the adapters throw
   */
  async announce(devices: readonly DeviceId[], request: AnnounceRequest, signal: AbortSignal): Promise<void> {
    for (const id of devices) this.#assertKnown(id);
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const byAdapter = Map.groupBy(devices, (id) => this.#adapterOf(id));
    for (const [adapter, [first = '']] of byAdapter) {
      if (!adapter.announce) throw new RoomtoneError('api.unsupported_attribute', { params: { device: first, attribute: 'announce' } });
    }
    await Promise.all([...byAdapter].map(([adapter, ids]) => adapter.announce?.(ids, request, either)));
  }

  /**
   * Leaves nothing of a device, whatever its adapter says to it. One that its bridge goes on listing is hidden until
   * somebody wants it back. @throws RoomtoneError `api.unknown_device`
   */
  async forget(id: DeviceId, signal: AbortSignal): Promise<void> {
    this.#assertKnown(id);
    const adapter = this.#hosts.get(adapterName(id))?.adapter;
    try {
      await this.#within(id, signal, async (limited) => adapter?.forget?.(id, limited));
    } catch (error) {
      this.#options.log.warn({ event: 'forget_untold', device: id, code: toRoomtoneError(error).code }, 'device could not be told');
    }
    if (adapter?.list().some((device) => device.id === id) || !adapter?.isGone(id)) this.#known.hide(id);
    this.#drop(id);
    this.events.emit('devices');
  }

  /** Takes back that it was forgotten. @throws RoomtoneError `api.unknown_device` */
  readmit(id: DeviceId): void {
    if (!this.#known.isHidden(id)) throw new RoomtoneError('api.unknown_device', { params: { device: id } });
    this.#known.show(id);
    this.#takeList(adapterName(id));
  }

  /** Lets every adapter, configured or not, look for what it could speak to. @throws the signal's reason */
  async discover(signal: AbortSignal): Promise<Found> {
    const found: Found = { candidates: [], hidden: this.#hiddenDevices(), failed: [] };
    const look = async (adapter: string): Promise<void> => {
      try {
        found.candidates.push(...(await this.#look(adapter, signal)));
      } catch (error) {
        signal.throwIfAborted();
        found.failed.push({ adapter, error: toRoomtoneError(error) });
      }
    };
    await Promise.all(Object.keys(this.#options.modules).map(look));
    return found;
  }

  /** What each adapter can be paired with, for whoever offers it. */
  async pairable(): Promise<{ adapter: string; name: string; pairing: NonNullable<AdapterModule['pairing']> }[]> {
    const modules = await Promise.all(Object.keys(this.#options.modules).map((id) => this.#load(id)));
    return modules.flatMap(({ id, name, pairing }) => (pairing ? [{ adapter: id, name, pairing }] : []));
  }

  /**
   * Pairs what answers at an address, or joins, then restarts the adapter where it uses new credentials. What was
   * forgotten of its devices may come back.
   * @throws RoomtoneError `adapter.unknown`, `adapter.no_pairing`, and what the adapter's own pairing throws
   */
  async pair(adapter: string, request: PairingRequest): Promise<PairingResult> {
    const module = await this.#load(adapter);
    const host = this.#hosts.get(adapter);
    const running = host?.adapter;
    if (!running?.pair && !module.pair) throw new RoomtoneError('adapter.no_pairing', { params: { adapter } });
    const signal = AbortSignal.any([request.signal, this.#closing.signal]);
    const limited = { ...request, signal };
    const result = running?.pair ? await running.pair(limited) : await module.pair?.(limited, this.#context(adapter));
    if (!result) throw new RoomtoneError('adapter.no_pairing', { params: { adapter } });
    for (const id of this.#known.hidden()) if (adapterName(id) === adapter) this.#known.show(id);
    if (running?.pair) this.#takeList(adapter);
    else await host?.restart();
    return result;
  }

  /** What an adapter was paired with. @throws RoomtoneError `adapter.unknown` */
  async paired(adapter: string): Promise<PairedHost[]> {
    return (await this.#load(adapter)).paired?.(this.#context(adapter)) ?? [];
  }

  /**
   * Ends a pairing: its credentials are gone from the vault. Its devices go once the adapter no longer lists them.
   * @returns the address it had, for the configuration
   * @throws RoomtoneError `adapter.unknown`, `adapter.no_pairing`, `adapter.not_paired`
   */
  async unpair(adapter: string, { id, signal }: { id: string; signal: AbortSignal }): Promise<PairedHost> {
    const module = await this.#load(adapter);
    if (!module.unpair) throw new RoomtoneError('adapter.no_pairing', { params: { adapter } });
    const paired = (await this.paired(adapter)).find((each) => each.id === id);
    if (!paired) throw new RoomtoneError('adapter.not_paired', { params: { adapter, id } });
    await this.#within(adapter, signal, async (limited) => module.unpair?.(id, this.#context(adapter), limited));
    await this.#hosts.get(adapter)?.restart();
    return paired;
  }

  #hostOf(id: string): AdapterHost {
    const known = this.#hosts.get(id);
    if (known) return known;
    const host = new AdapterHost({ id, load: () => this.#load(id), context: this.#context(id) });
    host.events.on('report', (report) => this.#onReport(report));
    host.events.on('reading', (reading) => this.#onReading(reading));
    host.events.on('button', (event) => this.events.emit('button', event));
    host.events.on('availability', (change) => this.events.emit('availability', change));
    host.events.on('problem', (problem) => this.events.emit('problem', problem));
    host.events.on('devices', () => this.#takeList(id));
    host.events.on('mesh', () => this.events.emit('mesh', { adapter: id }));
    this.#hosts.set(id, host);
    return host;
  }

  async #load(id: string): Promise<AdapterModule> {
    const { modules } = this.#options;
    const load = Object.hasOwn(modules, id) ? modules[id] : undefined;
    return load ? load() : this.#refuse(id);
  }

  #refuse(adapter: string): never {
    throw new RoomtoneError('adapter.unknown', { params: { adapter, known: Object.keys(this.#options.modules).join(', ') } });
  }

  #context(id: string): AdapterContext {
    const { log, clock, random, state, discovery, vault, folder } = this.#options;
    return { log: log.child({ adapter: id }), clock, random, state, discovery, vault: vault(id), folder: () => folder(id) };
  }

  async #look(adapter: string, signal: AbortSignal): Promise<Found['candidates']> {
    const { clock, discovery } = this.#options;
    const module = await this.#load(adapter);
    if (!module.discover) return [];
    const error = new RoomtoneError('device.timeout', { params: { device: adapter } });
    const limit = { clock, ms: DISCOVER_WITHIN, error, signal: AbortSignal.any([signal, this.#closing.signal]) };
    const found = await within(limit, async (limited) => module.discover?.(discovery, limited) ?? []);
    const paired = new Set((await this.paired(adapter)).map(({ id }) => id));
    const unique = new Map(found.map((candidate) => [candidate.id, candidate]));
    return [...unique.values()].map((candidate) => ({ ...candidate, adapter, paired: paired.has(candidate.id) }));
  }

  #within<T>(device: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const error = new RoomtoneError('device.timeout', { params: { device } });
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return within({ clock: this.#options.clock, ms: ACT_WITHIN, error, signal: either }, work);
  }

  #onReport(report: Report): void {
    if (this.#known.isHidden(report.device)) return;
    const values = { ...this.#values.get(report.device), [report.attribute]: report.value };
    // A lamp shows a white or a color, never both.
    if (report.attribute === 'color') delete values.colorTemperature;
    if (report.attribute === 'colorTemperature') delete values.color;
    this.#values.set(report.device, values);
    this.events.emit('report', report);
  }

  #onReading(reading: Reading): void {
    if (this.#known.isHidden(reading.device)) return;
    this.#readings.set(reading.device, { ...this.#readings.get(reading.device), [reading.reading]: reading.value });
    this.events.emit('reading', reading);
  }

  /** What is not listed may only be out of sight: the adapter knows. */
  #takeList(id: string): void {
    const adapter = this.#hosts.get(id)?.adapter;
    if (!adapter) return;
    const list = adapter.list();
    for (const device of list) if (!this.#known.isHidden(device.id)) this.#known.remember(device);
    const listed = new Set(list.map((device) => device.id));
    const isGone = (device: DeviceId): boolean => adapterName(device) === id && !listed.has(device) && adapter.isGone(device);
    for (const device of this.#known.hidden().filter(isGone)) this.#known.show(device);
    for (const device of this.#known.all()) if (isGone(device.id)) this.#drop(device.id);
    this.#gatherFor(id);
    this.events.emit('devices');
  }

  #gatherFor(id: string): void {
    const own = this.#sets.map((set) => set.filter((device) => adapterName(device) === id));
    this.#hosts.get(id)?.adapter?.gather?.(own.filter((set) => set.length > 1));
  }

  #drop(device: DeviceId): void {
    this.#values.delete(device);
    this.#readings.delete(device);
    if (this.#known.forget(device)) this.events.emit('forgotten', { device });
  }

  #hiddenDevices(): Device[] {
    return [...this.#hosts.values()].flatMap(({ adapter }) => adapter?.list() ?? []).filter(({ id }) => this.#known.isHidden(id));
  }

  #assertKnown(id: DeviceId): void {
    if (!this.device(id)) throw new RoomtoneError('api.unknown_device', { params: { device: id } });
  }

  #adapterOf(device: DeviceId): Adapter {
    const adapter = this.#hosts.get(adapterName(device))?.adapter;
    if (!adapter) throw new RoomtoneError('device.unreachable', { params: { device } });
    return adapter;
  }
}

const adapterName = (device: DeviceId): string => device.slice(0, device.indexOf(':'));
