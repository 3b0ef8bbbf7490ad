import { z } from 'zod';
import type { StatePort } from '../api/ports.ts';
import { capabilitiesSchema, deviceIdSchema } from './attributes.ts';
import type { Device, DeviceId } from './device.ts';
import { type Permissions, permissionsSchema, UNLIMITED } from './permissions.ts';

const DEVICES = 'devices.';
const PERMISSIONS = 'device-permissions.';
const HIDDEN = 'device-hidden.';

export const deviceSchema = z.object({
  id: deviceIdSchema,
  adapter: z.string(),
  name: z.string(),
  model: z.string().optional(),
  capabilities: capabilitiesSchema,
});

/**
 * The registry's page in the store: devices met before, so that a room keeps its lamps while their bridge is away, what each
 * is permitted, and which a person does not want although their bridge goes on listing them. Written only when something changed.
 */
export class KnownDevices {
  readonly #state: StatePort;
  readonly #devices = new Map<DeviceId, Device>();
  readonly #permissions = new Map<DeviceId, Permissions>();
  readonly #hidden = new Set<DeviceId>();

  constructor(state: StatePort) {
    this.#state = state;
  }

  load(): void {
    for (const key of this.#state.keys(DEVICES)) {
      const device = this.#state.get(key, deviceSchema);
      if (device) this.#devices.set(device.id, device);
    }
    for (const key of this.#state.keys(PERMISSIONS)) {
      const permissions = this.#state.get(key, permissionsSchema);
      if (permissions) this.#permissions.set(key.slice(PERMISSIONS.length) as DeviceId, permissions);
    }
    for (const key of this.#state.keys(HIDDEN)) this.#hidden.add(key.slice(HIDDEN.length) as DeviceId);
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
    this.#state.set(DEVICES + device.id, device);
  }

  permissions(id: DeviceId): Permissions {
    return this.#permissions.get(id) ?? UNLIMITED;
  }

  permit(id: DeviceId, permissions: Permissions): void {
    if (permissions.rooms === null && permissions.rungs === null) {
      if (this.#permissions.delete(id)) this.#state.delete(PERMISSIONS + id);
      return;
    }
    this.#permissions.set(id, permissions);
    this.#state.set(PERMISSIONS + id, permissions);
  }

  isHidden(id: DeviceId): boolean {
    return this.#hidden.has(id);
  }

  hidden(): DeviceId[] {
    return [...this.#hidden];
  }

  hide(id: DeviceId): void {
    this.#hidden.add(id);
    this.#state.set(HIDDEN + id, true);
  }

  show(id: DeviceId): void {
    if (this.#hidden.delete(id)) this.#state.delete(HIDDEN + id);
  }

  /** With its permissions. @returns whether it was known */
  forget(id: DeviceId): boolean {
    this.permit(id, UNLIMITED);
    if (!this.#devices.delete(id)) return false;
    this.#state.delete(DEVICES + id);
    return true;
  }
}
