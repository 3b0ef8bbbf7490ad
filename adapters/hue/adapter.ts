import { EventEmitter } from 'node:events';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter, AdapterContext, AdapterEvents, LaneLimits, Route } from '../../daemon/devices/adapter.ts';
import type { Command } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import { HUE_TIMINGS, HueBridge, type HueTimings } from './bridge.ts';
import { HueCredentials } from './credentials.ts';
import { parseDeviceId } from './house.ts';
import type { HueOptions } from './options.ts';

/**
 * The vendor asks for at most 10 light commands a second and no more than 3 requests at a time. A bucket of 3 filled at 7
 * a second keeps every second within 10, while a room of three lamps still changes at once.
 */
const LIMITS: LaneLimits = { rate: 7, burst: 3, inFlight: 3 };

/** Hue bridges v2 by CLIP v2: lights, their names and whether they are reachable. */
export class HueAdapter implements Adapter {
  readonly id = 'hue';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #bridges: HueBridge[];

  constructor(options: HueOptions, context: AdapterContext, timings: Partial<HueTimings> = {}) {
    const { log, clock } = context;
    const credentials = new HueCredentials(context.vault);
    this.#bridges = options.bridges.map(
      ({ host }) =>
        new HueBridge({
          host,
          log: log.child({ host }),
          clock,
          credentials,
          timings: { ...HUE_TIMINGS, ...timings },
          onReport: (report) => this.events.emit('report', report),
          onAvailability: (device, available) => this.events.emit('availability', { device, available }),
          onDevices: () => this.events.emit('devices'),
          onProblem: (problem) => this.events.emit('problem', { scope: host, problem }),
        }),
    );
  }

  /** Returns at once: bridges are reached in the background, for as long as it takes. */
  async start(): Promise<void> {
    for (const bridge of this.#bridges) bridge.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#bridges.map((bridge) => bridge.close()));
  }

  list(): Device[] {
    return this.#bridges.flatMap((bridge) => bridge.devices());
  }

  isGone(device: DeviceId): boolean {
    const bridge = this.#bridgeOf(device);
    return bridge?.isListed === true && !bridge.devices().some(({ id }) => id === device);
  }

  route(device: DeviceId): Route {
    return { key: `hue:${parseDeviceId(device)?.bridge}`, limits: LIMITS };
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const id = parseDeviceId(command.device);
    const bridge = this.#bridgeOf(command.device);
    if (!id || !bridge) throw new RoomtoneError('device.unreachable', { params: { device: command.device } });
    await bridge.apply(id.light, command, signal);
  }

  #bridgeOf(device: DeviceId): HueBridge | undefined {
    const id = parseDeviceId(device)?.bridge;
    return this.#bridges.find((each) => each.id !== undefined && each.id === id);
  }
}
