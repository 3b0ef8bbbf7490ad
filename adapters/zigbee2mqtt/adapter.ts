import { EventEmitter } from 'node:events';
import type { Adapter, AdapterContext, AdapterEvents, DeviceGroup, LaneLimits, Route } from '../../daemon/devices/adapter.ts';
import type { Command, GroupCommand } from '../../daemon/devices/command.ts';
import type { Device, DeviceId } from '../../daemon/devices/device.ts';
import type { MeshPort } from '../../daemon/devices/mesh.ts';
import { type BridgeTimings, Zigbee2MqttBridge } from './bridge.ts';
import type { Zigbee2MqttOptions } from './options.ts';

/**
 * One Zigbee network bears some ten unicasts a second beside its routing. Zigbee2MQTT sends each part of a command by
 * itself (level, then color) and queues by device, not for the network.
 */
const LIMITS: LaneLimits = { rate: 6, burst: 4, inFlight: 3 };

export const ZIGBEE2MQTT_TIMINGS: BridgeTimings = {
  connectWithin: 5000,
  keepalive: 20,
  firstRetry: 500,
  longestRetry: 5000,
  greetEvery: 2000,
  silence: 8000,
  askAfter: 2500,
  answerWithin: 9000,
  lookWithin: 4000,
  requestWithin: 5000,
  reachWithin: 14_000,
  interviewWithin: 60_000,
};

/** A Zigbee2MQTT that runs elsewhere, by the broker that it speaks to: lamps, plugs, sensors, remotes and groups. */
export class Zigbee2MqttAdapter implements Adapter {
  readonly id = 'zigbee2mqtt';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #bridge: Zigbee2MqttBridge;

  constructor(options: Zigbee2MqttOptions, { log, clock, random }: AdapterContext, timings: Partial<BridgeTimings> = {}) {
    this.#bridge = new Zigbee2MqttBridge({
      ...{ broker: options, log, clock, random },
      timings: { ...ZIGBEE2MQTT_TIMINGS, ...timings },
      onReport: (report) => this.events.emit('report', report),
      onReading: (reading) => this.events.emit('reading', reading),
      onButton: (event) => this.events.emit('button', event),
      onAvailability: (device, available) => this.events.emit('availability', { device, available }),
      onDevices: () => this.events.emit('devices'),
      onMesh: () => this.events.emit('mesh'),
      onProblem: (problem) => this.events.emit('problem', { scope: options.base, problem }),
    });
  }

  get mesh(): MeshPort {
    return this.#bridge.mesh;
  }

  /** Returns at once: the broker is looked for, for as long as it takes. */
  async start(): Promise<void> {
    this.#bridge.start();
  }

  async close(): Promise<void> {
    await this.#bridge.close();
  }

  list(): Device[] {
    return this.#bridge.devices();
  }

  isGone(device: DeviceId): boolean {
    return this.#bridge.isGone(device);
  }

  route(): Route {
    return { key: 'zigbee2mqtt', limits: LIMITS };
  }

  groups(): DeviceGroup[] {
    return this.#bridge.groups();
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    await this.#bridge.apply(command, signal);
  }

  async applyToGroup(command: GroupCommand, signal: AbortSignal): Promise<void> {
    await this.#bridge.applyToGroup(command, signal);
  }

  async identify(device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#bridge.identify(device, signal);
  }

  async forget(device: DeviceId, signal: AbortSignal): Promise<void> {
    await this.#bridge.forget(device, signal);
  }
}
