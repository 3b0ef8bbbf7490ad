import type { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter, AdapterContext, AdapterEvents, AdapterScene, DeviceGroup, LaneLimits, Route } from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import { HueBridge } from './bridge.ts';
import { makerRoots } from './certificate.ts';
import { HueCredentials } from './credentials.ts';
import { parseDeviceId } from './house.ts';
import type { HueOptions } from './options.ts';
import { HUE_TIMINGS, type HueTimings } from './session.ts';

/**
 * The vendor asks for at most 10 light commands a second and no more than 3 requests at a time. A bucket of 3 filled at 6
 * a second lets a room of three lamps change at once and keeps every second within 10, also where a busy disk or network
 * holds some of them up for a third of a second.
 */
const LIMITS: LaneLimits = { rate: 6, burst: 3, inFlight: 3 };

/** What a test may put in place of the real thing. */
export interface HueSubstitutes {
  timings?: Partial<HueTimings>;
  /** Whom to believe that a bridge is one. */
  roots?: readonly X509Certificate[];
}

/** Hue bridges v2 and later by CLIP v2: lamps, groups, scenes, sensors and switches. */
export class HueAdapter implements Adapter {
  readonly id = 'hue';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #credentials: HueCredentials;
  readonly #bridges: HueBridge[];

  constructor(options: HueOptions, context: AdapterContext, { timings, roots = makerRoots() }: HueSubstitutes = {}) {
    const { log, clock, discovery } = context;
    this.#credentials = new HueCredentials(context);
    this.#bridges = options.bridges.map(
      ({ host }) =>
        new HueBridge({
          host,
          log: log.child({ host }),
          clock,
          credentials: this.#credentials,
          discovery,
          roots,
          timings: { ...HUE_TIMINGS, ...timings },
          claim: (bridge, id) => this.#bridges.every((each) => each === bridge || each.id !== id),
          onReport: (report) => this.events.emit('report', report),
          onReading: (reading) => this.events.emit('reading', reading),
          onButton: (event) => this.events.emit('button', event),
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

  /** Also what belonged to a bridge that was unpaired, or that no address of the configuration leads to any more. */
  isGone(device: DeviceId): boolean {
    const parsed = parseDeviceId(device);
    if (!parsed || !this.#credentials.get(parsed.bridge)) return true;
    const bridge = this.#bridgeOf(device);
    if (!bridge) return this.#bridges.every(({ id }) => id !== undefined);
    return bridge.isListed && !bridge.has(parsed.id);
  }

  route(device: DeviceId): Route {
    return { key: `hue:${parseDeviceId(device)?.bridge}`, limits: LIMITS };
  }

  groups(): DeviceGroup[] {
    return this.#bridges.flatMap((bridge) => bridge.groups());
  }

  scenes(): AdapterScene[] {
    return this.#bridges.flatMap((bridge) => bridge.scenes());
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    await this.#at(command.device, signal, (bridge, id) => bridge.apply(id, command, signal));
  }

  async applyToGroup(command: GroupCommand, signal: AbortSignal): Promise<void> {
    await this.#at(command.group as DeviceId, signal, (bridge, id) => bridge.applyToGroup(id, command, signal));
  }

  async identify(device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#at(device, signal, (bridge, id) => bridge.identify(id, signal));
  }

  /** In one go down to the request: whoever measures finds nothing between a command and its first byte. */
  #at(device: DeviceId, signal: AbortSignal, work: (bridge: HueBridge, id: string) => Promise<void>): Promise<void> {
    signal.throwIfAborted();
    const id = parseDeviceId(device)?.id;
    const bridge = this.#bridgeOf(device);
    if (id === undefined || !bridge) throw new RoomtoneError('device.unreachable', { params: { device } });
    return work(bridge, id);
  }

  #bridgeOf(device: DeviceId): HueBridge | undefined {
    const id = parseDeviceId(device)?.bridge;
    return this.#bridges.find((each) => each.id !== undefined && each.id === id);
  }
}
