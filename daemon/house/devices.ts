import type { Director } from '../ambience/director.ts';
import { type Actor, nameOf } from '../api/actor.ts';
import type {
  Activity,
  ActivityEntry,
  AdapterView,
  DiscoveryView,
  HubDevices,
  PairedView,
  PairRequest,
  QueueView,
} from '../api/devices.ts';
import { type MessageParams, RoomtoneError } from '../api/errors.ts';
import type { AuditPort } from '../api/ports.ts';
import type { AnnounceRequest, ButtonEvent, Skip } from '../devices/adapter.ts';
import { paramsOf } from '../devices/attributes.ts';
import type { QueueEvent } from '../devices/command.ts';
import type { DeviceId } from '../devices/device.ts';
import type { Permissions } from '../devices/permissions.ts';
import type { CommandQueue } from '../devices/queue.ts';
import type { AdapterModules, DeviceRegistry } from '../devices/registry.ts';
import type { ActivityLog } from '../store/activity.ts';

export interface DevicesOptions {
  registry: DeviceRegistry;
  queue: CommandQueue;
  director: Director;
  activity: ActivityLog;
  audit: AuditPort;
  modules: AdapterModules;
  /** Whether an adapter is named in the configuration. */
  isConfigured: (adapter: string) => boolean;
  /** Rooms in the configuration that a device stands in. */
  roomsOf: (device: DeviceId) => string[];
  /** Writes into the configuration, and runs on it. @throws RoomtoneError `config.*`, `api.unknown_room` */
  keepPaired: (adapter: string, host: string) => Promise<void>;
  dropPaired: (adapter: string, host: string) => Promise<void>;
  place: (device: DeviceId, rooms: readonly string[]) => Promise<void>;
  /** What a person did is on disk before it is acknowledged. @throws RoomtoneError `store.failed` where it is not */
  assertWritten: () => void;
}

/** Looks after the devices for people, and writes down what happens to each. */
export class Devices implements HubDevices {
  readonly #the: DevicesOptions;

  constructor(options: DevicesOptions) {
    this.#the = options;
    const { registry, queue, director, activity } = options;
    queue.events.on('event', (event) => this.#noteCommand(event));
    director.events.on('hand', ({ device, held }) => this.#happened(device, 'hand', paramsOf(held)));
    registry.events.on('availability', ({ device, available }) => this.#happened(device, available ? 'back' : 'away'));
    registry.events.on('button', (event) => this.#noteButton(event));
    registry.events.on('forgotten', ({ device }) => {
      queue.forget(device);
      director.forget(device);
      activity.forget(device);
    });
  }

  async discover(signal: AbortSignal): Promise<DiscoveryView> {
    const { candidates, hidden, failed } = await this.#the.registry.discover(signal);
    return {
      candidates,
      hidden: hidden.map(({ id, name }) => ({ id, name })),
      failed: failed.map(({ adapter, error: { code, params } }) => ({ adapter, code, params })),
    };
  }

  adapters(): Promise<AdapterView[]> {
    const { modules, registry, isConfigured } = this.#the;
    const describe = async (load: AdapterModules[string]): Promise<AdapterView> => {
      const { id, name, pairing = null } = await load();
      const scenes = registry.scenes().filter((scene) => scene.id.startsWith(`${id}:`));
      return {
        ...{ id, name, configured: isConfigured(id), pairing, paired: await registry.paired(id), mesh: registry.hasMesh(id) },
        scenes: scenes.map(({ devices: _, ...origin }) => origin),
      };
    };
    return Promise.all(Object.values(modules).map(describe));
  }

  async pair(actor: Actor, { adapter, host, signal, onProgress }: PairRequest): Promise<PairedView> {
    const { registry, keepPaired } = this.#the;
    const paired = await registry.pair(adapter, { host, signal, onProgress: ({ secondsLeft }) => onProgress?.(secondsLeft) });
    this.#note(actor, { action: 'adapter.paired', subject: adapter, params: { id: paired.id, host } });
    await keepPaired(adapter, paired.host ?? host);
    return paired;
  }

  async unpair(actor: Actor, { adapter, id, signal }: { adapter: string; id: string; signal: AbortSignal }): Promise<void> {
    const { host } = await this.#the.registry.unpair(adapter, { id, signal });
    this.#note(actor, { action: 'adapter.unpaired', subject: adapter, params: { id } });
    if (host !== undefined) await this.#the.dropPaired(adapter, host);
  }

  async place(actor: Actor, device: DeviceId, rooms: readonly string[]): Promise<void> {
    this.#assertKnown(device);
    await this.#the.place(device, rooms);
    this.#note(actor, { action: 'device.placed', subject: device, params: { rooms: rooms.join(', ') } });
  }

  permit(actor: Actor, device: DeviceId, permissions: Permissions): void {
    this.#the.registry.permit(device, permissions);
    const { rooms, rungs } = permissions;
    const params = { rooms: rooms?.join(', ') ?? '*', rungs: rungs?.join(', ') ?? '*' };
    this.#note(actor, { action: 'device.permitted', subject: device, params });
    this.#the.assertWritten();
  }

  async identify(actor: Actor, device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#the.registry.identify(device, signal);
    this.#note(actor, { action: 'device.identified', subject: device, params: {} });
  }

  async skip(actor: Actor, device: DeviceId, { to, signal }: { to: Skip; signal: AbortSignal }): Promise<void> {
    await this.#the.registry.skip(device, to, signal);
    this.#note(actor, { action: 'device.skipped', subject: device, params: { to } });
  }

  async announce(
    actor: Actor,
    devices: readonly DeviceId[],
    { signal, ...request }: AnnounceRequest & { signal: AbortSignal },
  ): Promise<void> {
    this.#note(actor, { action: 'device.announced', subject: devices.join(', '), params: {} });
    await this.#the.registry.announce(devices, request, signal);
  }

  async forget(actor: Actor, device: DeviceId, signal: AbortSignal): Promise<void> {
    this.#assertKnown(device);
    // First where it can be refused: a device that is forgotten but still stands in a room would be missed there.
    if (this.#the.roomsOf(device).length > 0) await this.#the.place(device, []);
    await this.#the.registry.forget(device, signal);
    this.#note(actor, { action: 'device.forgotten', subject: device, params: {} });
    this.#the.assertWritten();
  }

  readmit(actor: Actor, device: DeviceId): void {
    this.#the.registry.readmit(device);
    this.#note(actor, { action: 'device.readmitted', subject: device, params: {} });
    this.#the.assertWritten();
  }

  activity(device: DeviceId, limit: number): ActivityEntry[] {
    this.#assertKnown(device);
    return this.#the.activity.of(device, limit);
  }

  queue(): QueueView {
    return this.#the.queue.metrics;
  }

  #noteCommand({ phase, command, reason = '' }: QueueEvent): void {
    const { device, attributes } = command;
    if (phase === 'acked') this.#happened(device, 'commanded', paramsOf(attributes));
    if (phase === 'failed') this.#happened(device, 'failed', { code: reason });
    if (phase === 'dropped' && reason === 'expired') this.#happened(device, 'expired', paramsOf(attributes));
  }

  #noteButton({ device, button, action, degrees }: ButtonEvent): void {
    this.#happened(device, 'button', { button, action, ...(degrees === undefined ? {} : { degrees }) });
  }

  #happened(device: DeviceId, what: Activity, params: MessageParams = {}): void {
    if (this.#the.registry.device(device)) this.#the.activity.record(device, { what, params });
  }

  #assertKnown(device: DeviceId): void {
    if (!this.#the.registry.device(device)) throw new RoomtoneError('api.unknown_device', { params: { device } });
  }

  #note(actor: Actor, entry: Omit<Parameters<AuditPort['record']>[0], 'actor'>): void {
    this.#the.audit.record({ actor: nameOf(actor), ...entry });
  }
}
