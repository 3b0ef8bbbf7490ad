import { EventEmitter } from 'node:events';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type {
  Adapter,
  AdapterContext,
  AdapterEvents,
  AnnounceRequest,
  DeviceGroup,
  LaneLimits,
  Route,
} from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand } from '../../daemon/devices/command.ts';
import type { Attributes, Device, DeviceId } from '../../daemon/devices/device.ts';
import { House } from './house.ts';
import type { SonosOptions } from './options.ts';
import { SONOS_TIMINGS, type SonosTimings } from './player.ts';

/** Of a house: players bear some dozens of actions a second each, but a slow one must not hold up the others. */
const LIMITS: LaneLimits = { rate: 40, burst: 20, inFlight: 16 };
const PER_PLAYER = { rate: 5, burst: 5 };
/** What concerns all members of a group goes to the one that leads it. */
const GROUP_ATTRIBUTES = ['transport', 'favorite', 'shuffle', 'volume', 'mute'] as const;
const GROUP_PACE = { rate: 5, burst: 5 };

/** Sonos players of both generations, their groups and favorites, and other UPnP renderers with what they have. */
export class SonosAdapter implements Adapter {
  readonly id = 'sonos';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #house: House;

  constructor(options: SonosOptions, context: AdapterContext, timings: Partial<SonosTimings> = {}) {
    this.#house = new House({
      options,
      context,
      timings: { ...SONOS_TIMINGS, ...timings },
      onReport: (report) => this.events.emit('report', report),
      onReading: (reading) => this.events.emit('reading', reading),
      onAvailability: (device, available) => this.events.emit('availability', { device, available }),
      onDevices: () => this.events.emit('devices'),
      onProblem: (scope, problem) => this.events.emit('problem', { scope, problem }),
    });
  }

  /** Returns at once: players are reached in the background, for as long as it takes. */
  async start(): Promise<void> {
    this.#house.start();
  }

  async close(): Promise<void> {
    await this.#house.close();
  }

  list(): Device[] {
    return this.#house.devices();
  }

  isGone(device: DeviceId): boolean {
    return this.#house.isGone(device);
  }

  route(): Route {
    return { key: 'sonos', limits: LIMITS, perDevice: PER_PLAYER };
  }

  groups(): DeviceGroup[] {
    return this.#house.groups().map((group) => ({ ...group, attributes: GROUP_ATTRIBUTES, pace: GROUP_PACE }));
  }

  async apply({ device, attributes, transition }: Command, signal: AbortSignal): Promise<void> {
    await this.#carryOut([device], { attributes, transition }, signal);
  }

  async applyToGroup({ attributes, transition, commands }: GroupCommand, signal: AbortSignal): Promise<void> {
    await this.#carryOut(
      commands.map(({ device }) => device),
      { attributes, transition },
      signal,
    );
  }

  async skip(device: DeviceId, to: 'next' | 'previous', signal: AbortSignal): Promise<void> {
    await this.#house.skip(device, to, signal);
  }

  async announce(devices: readonly DeviceId[], request: AnnounceRequest, signal: AbortSignal): Promise<void> {
    await this.#house.announce(devices, request, signal);
  }

  async #carryOut(devices: readonly DeviceId[], wish: { attributes: Attributes; transition: number }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const [first] = devices;
    if (first === undefined) throw new RoomtoneError('api.unknown_device', { params: { device: '' } });
    await this.#house.carryOut(devices, wish, signal);
  }
}
