import type { AnnounceRequest, Skip } from '../devices/adapter.ts';
import type { DeviceId } from '../devices/device.ts';
import type { Permissions } from '../devices/permissions.ts';
import type { Actor } from './actor.ts';
import type { ActivityEntry, AdapterView, DiscoveryView, HubDevices, PairedView, PairRequest, QueueView } from './devices.ts';
import { RoomtoneError } from './errors.ts';
import type { DeviceView, HouseView } from './views.ts';

/** Devices of memory alone, those of a fake hub's view. */
export class FakeDevices implements HubDevices {
  readonly #view: HouseView;
  readonly #did: (actor: Actor, action: string, subject: string) => void;
  found: DiscoveryView = { candidates: [], hidden: [], failed: [] };
  readonly families: AdapterView[] = [
    {
      id: 'hue',
      name: 'Philips Hue',
      configured: true,
      pairing: { host: true, act: 'link-button', patience: 30 },
      paired: [],
      mesh: false,
      scenes: [],
    },
    { id: 'virtual', name: 'Virtual lamps', configured: true, pairing: null, paired: [], mesh: false, scenes: [] },
  ];
  readonly lines: ActivityEntry[] = [{ at: Date.UTC(2026, 10, 1, 12), what: 'commanded', params: { brightness: 30 } }];
  /** What `pair` does; without one it waits until the caller gives up. */
  onPair: ((signal: AbortSignal) => Promise<PairedView>) | undefined;

  constructor(view: HouseView, did: (actor: Actor, action: string, subject: string) => void) {
    this.#view = view;
    this.#did = did;
  }

  async discover(signal: AbortSignal): Promise<DiscoveryView> {
    signal.throwIfAborted();
    return this.found;
  }

  async adapters(): Promise<AdapterView[]> {
    return this.families;
  }

  async pair(actor: Actor, { adapter, signal }: PairRequest): Promise<PairedView> {
    this.#did(actor, 'adapter.pair', adapter);
    if (this.onPair) return this.onPair(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  }

  async unpair(actor: Actor, { adapter, id }: { adapter: string; id: string }): Promise<void> {
    const family = this.families.find((each) => each.id === adapter);
    if (!family?.paired.some((each) => each.id === id)) throw new RoomtoneError('adapter.not_paired', { params: { adapter, id } });
    family.paired = family.paired.filter((each) => each.id !== id);
    this.#did(actor, 'adapter.unpaired', adapter);
  }

  async place(actor: Actor, device: DeviceId, rooms: readonly string[]): Promise<void> {
    this.#device(device).rooms = [...rooms];
    this.#did(actor, 'device.placed', device);
  }

  permit(actor: Actor, device: DeviceId, permissions: Permissions): void {
    this.#device(device).permissions = permissions;
    this.#did(actor, 'device.permitted', device);
  }

  async skip(actor: Actor, device: DeviceId, _request: { to: Skip }): Promise<void> {
    this.#device(device);
    this.#did(actor, 'device.skipped', device);
  }

  async announce(actor: Actor, devices: readonly DeviceId[], _request: AnnounceRequest): Promise<void> {
    for (const device of devices) this.#device(device);
    this.#did(actor, 'device.announced', devices.join(', '));
  }

  async identify(actor: Actor, device: DeviceId): Promise<void> {
    this.#device(device);
    this.#did(actor, 'device.identified', device);
  }

  async forget(actor: Actor, device: DeviceId): Promise<void> {
    const { id, name } = this.#device(device);
    this.#view.devices = this.#view.devices.filter((each) => each.id !== device);
    this.found.hidden.push({ id, name });
    this.#did(actor, 'device.forgotten', device);
  }

  readmit(actor: Actor, device: DeviceId): void {
    if (!this.found.hidden.some(({ id }) => id === device)) throw new RoomtoneError('api.unknown_device', { params: { device } });
    this.found.hidden = this.found.hidden.filter(({ id }) => id !== device);
    this.#did(actor, 'device.readmitted', device);
  }

  activity(device: DeviceId, limit: number): ActivityEntry[] {
    this.#device(device);
    return this.lines.slice(0, limit);
  }

  queue(): QueueView {
    const none = { waiting: 0, flying: 0, acked: 0, dropped: {}, failed: {}, calls: 0, groupCalls: 0, rateLimited: 0 };
    return { ...none, wait: { p50: null, p95: null } };
  }

  #device(id: DeviceId): DeviceView {
    const device = this.#view.devices.find((each) => each.id === id);
    if (!device) throw new RoomtoneError('api.unknown_device', { params: { device: id } });
    return device;
  }
}
