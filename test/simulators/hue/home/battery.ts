import { type Random, uuid } from '../random.ts';
import type { Device } from './device.ts';
import type { Announcer, ClipObject, Service } from './resource.ts';

/** `device_power` of a device with a battery. */
export class Battery implements Service {
  readonly id: string;
  readonly type = 'device_power';
  readonly #device: Device;
  readonly #announcer: Announcer;
  #level = 100;

  constructor(device: Device, { random, announcer }: { random: Random; announcer: Announcer }) {
    this.id = uuid(random);
    this.#device = device;
    this.#announcer = announcer;
  }

  /** % left. */
  falls(level: number): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#announcer.update({ id: this.id, type: this.type, fixed: this.#device.fixedOfService(), changed: this.#reading() });
  }

  resource(): ClipObject {
    return { id: this.id, ...this.#device.fixedOfService(), ...this.#reading(), type: this.type };
  }

  #reading(): ClipObject {
    const battery_state = this.#level > 20 ? 'normal' : this.#level > 5 ? 'low' : 'critical';
    return { power_state: { battery_level: this.#level, battery_state } };
  }
}
