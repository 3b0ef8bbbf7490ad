import type { Clock } from '../../daemon/api/clock.ts';
import type { Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../daemon/devices/device.ts';

export interface ToldOptions {
  clock: Clock;
  onReport(report: Report): void;
  onAvailability(device: DeviceId, available: boolean): void;
}

export type How = Pick<Report, 'kind'> & Partial<Pick<Report, 'origin' | 'transitional'>>;

/** What was said of each player, so that only news is said: players repeat themselves, and are asked again and again. */
export class Told {
  readonly #options: ToldOptions;
  readonly #reported = new Map<DeviceId, Attributes>();
  readonly #available = new Set<DeviceId>();
  /** Attributes commanded since they were reported last: the next word on them counts even if it is the same. */
  readonly #unconfirmed = new Map<DeviceId, Set<AttributeName>>();
  /** Players that are ours for a while: what happens to them is nobody's act. */
  readonly #quiet = new Set<DeviceId>();

  constructor(options: ToldOptions) {
    this.#options = options;
  }

  of(device: DeviceId): Attributes {
    return this.#reported.get(device) ?? {};
  }

  expect(device: DeviceId, attributes: Attributes): void {
    const waiting = this.#unconfirmed.get(device) ?? new Set();
    for (const name of namesOf(attributes)) waiting.add(name);
    this.#unconfirmed.set(device, waiting);
  }

  tell(device: DeviceId, attributes: Attributes, { kind, origin = 'unknown', transitional = false }: How): void {
    if (this.#quiet.has(device)) return;
    const at = this.#options.clock.mono();
    const reported = this.of(device);
    const unconfirmed = this.#unconfirmed.get(device);
    for (const name of namesOf(attributes)) {
      const value = attributes[name];
      if (value === undefined || (reported[name] === value && !unconfirmed?.has(name))) continue;
      if (!transitional) unconfirmed?.delete(name);
      this.#reported.set(device, { ...this.#reported.get(device), [name]: value });
      this.#options.onReport({ device, attribute: name, value, at, origin, transitional, kind });
    }
  }

  /** Says nothing of these players until what is returned is called. */
  hush(devices: readonly DeviceId[]): () => void {
    const hushed = devices.filter((device) => !this.#quiet.has(device));
    for (const device of hushed) this.#quiet.add(device);
    return () => {
      for (const device of hushed) this.#quiet.delete(device);
    };
  }

  available(device: DeviceId, available: boolean): void {
    if (this.#available.has(device) === available) return;
    if (available) this.#available.add(device);
    else this.#available.delete(device);
    this.#options.onAvailability(device, available);
  }

  /** Nothing is kept of a device that is gone; should it come back, all is told again. */
  forget(device: DeviceId): void {
    this.available(device, false);
    this.#reported.delete(device);
    this.#unconfirmed.delete(device);
  }
}

const namesOf = (attributes: Attributes): AttributeName[] => Object.keys(attributes) as AttributeName[];
