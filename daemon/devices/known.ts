import { z } from 'zod';
import type { StatePort } from '../api/ports.ts';
import { capabilitiesSchema, deviceIdSchema } from './attributes.ts';
import type { Device, DeviceId } from './device.ts';

const PREFIX = 'devices.';

export const deviceSchema = z.object({
  id: deviceIdSchema,
  adapter: z.string(),
  name: z.string(),
  model: z.string().optional(),
  capabilities: capabilitiesSchema,
});

/** Devices met before, so that a room keeps its lamps while their bridge is away. Written only when something changed. */
export class KnownDevices {
  readonly #state: StatePort;
  readonly #devices = new Map<DeviceId, Device>();

  constructor(state: StatePort) {
    this.#state = state;
  }

  load(): void {
    for (const key of this.#state.keys(PREFIX)) {
      const device = this.#state.get(key, deviceSchema);
      if (device) this.#devices.set(device.id, device);
    }
  }

  get(id: DeviceId): Device | undefined {
    return this.#devices.get(id);
  }

  all(): Device[] {
    return [...this.#devices.values()];
  }

  remember(device: Device): void {
    if (JSON.stringify(this.#devices.get(device.id)) === JSON.stringify(device)) return;
    this.#devices.set(device.id, device);
    this.#state.set(PREFIX + device.id, device);
  }

  forget(id: DeviceId): void {
    if (this.#devices.delete(id)) this.#state.delete(PREFIX + id);
  }
}
