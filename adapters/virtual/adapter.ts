import { EventEmitter } from 'node:events';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Adapter, AdapterContext, AdapterEvents, LaneLimits, Route } from '../../daemon/devices/adapter.ts';
import { attributesSchema } from '../../daemon/devices/attributes.ts';
import type { Command } from '../../daemon/devices/command.ts';
import type { Attributes, Device, DeviceId } from '../../daemon/devices/device.ts';
import { VirtualLamp } from './lamp.ts';
import type { LampOptions, VirtualOptions } from './options.ts';

const LIMITS: LaneLimits = { rate: 50, burst: 20, inFlight: 20 };

/** Lamps that are always there: for a first look without hardware, for trying scenes out, and for tests. */
export class VirtualAdapter implements Adapter {
  readonly id = 'virtual';
  readonly events = new EventEmitter<AdapterEvents>();
  readonly #context: AdapterContext;
  readonly #lamps = new Map<DeviceId, VirtualLamp>();
  readonly #away = new Set<DeviceId>();
  #closed = false;

  constructor(options: VirtualOptions, context: AdapterContext) {
    this.#context = context;
    for (const each of options.lamps) {
      const lamp = this.#lamp(each);
      this.#lamps.set(lamp.device.id, lamp);
    }
  }

  async start(): Promise<void> {
    if (this.#closed) return;
    this.events.emit('devices');
    for (const lamp of this.#lamps.values()) {
      lamp.introduce();
      this.events.emit('availability', { device: lamp.device.id, available: true });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lamp of this.#lamps.values()) lamp.close();
  }

  list(): Device[] {
    return [...this.#lamps.values()].map(({ device }) => device);
  }

  isGone(device: DeviceId): boolean {
    return !this.#lamps.has(device);
  }

  route(): Route {
    return { key: 'virtual', limits: LIMITS };
  }

  async apply(command: Command, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const lamp = this.#here(command.device);
    if (this.#closed) throw new RoomtoneError('api.closed');
    lamp.obey(command.attributes, command.transition, command.id);
  }

  async identify(device: DeviceId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#here(device).blink();
  }

  /** What the lamp shows at this moment. */
  shows(device: DeviceId): Attributes {
    return this.#here(device).values;
  }

  /** Plays the person at the lamp. */
  setByHand(device: DeviceId, attributes: Attributes): void {
    this.#here(device).setByHand(attributes);
  }

  /** Plays the switch at the wall: a lamp that is away does not answer. */
  setAway(device: DeviceId, away: boolean): void {
    if (away) this.#away.add(device);
    else this.#away.delete(device);
    this.events.emit('availability', { device, available: !away });
  }

  #here(device: DeviceId): VirtualLamp {
    const lamp = this.#lamps.get(device);
    if (!lamp) throw new RoomtoneError('api.unknown_device', { params: { device } });
    if (this.#away.has(device)) throw new RoomtoneError('device.unreachable', { params: { device } });
    return lamp;
  }

  #lamp(options: LampOptions): VirtualLamp {
    const { clock, state } = this.#context;
    const key = `adapters.virtual.${options.id}`;
    return new VirtualLamp(options, state.get(key, attributesSchema), {
      clock,
      onReport: (report) => void (this.#closed || this.events.emit('report', report)),
      onTarget: (values) => state.set(key, values),
    });
  }
}
