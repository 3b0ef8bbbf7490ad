import type { Clock } from '../../daemon/api/clock.ts';
import type { Reading } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId, ReadingName, Readings } from '../../daemon/devices/device.ts';

export interface ToldOptions {
  clock: Clock;
  onReport(report: Report): void;
  onReading(reading: Reading): void;
  onAvailability(device: DeviceId, available: boolean): void;
}

interface Standing {
  available: boolean;
  attributes: Attributes;
  readings: Readings;
  /** Commanded since they were last reported: what is said of them is news even if nothing differs. */
  unconfirmed: Set<AttributeName>;
  /** Told since the last gap. */
  known: Set<AttributeName | ReadingName>;
}

/**
 * What was said of each device. Zigbee2MQTT repeats all that it knows of a device with every message, so only what
 * differs, or was asked for, is a word of the device.
 */
export class Told {
  readonly #options: ToldOptions;
  readonly #standings = new Map<DeviceId, Standing>();

  constructor(options: ToldOptions) {
    this.#options = options;
  }

  /** Something may have been missed: what is said first from here on is how things stand, not how they changed. */
  gap(device: DeviceId): void {
    this.#of(device).known.clear();
  }

  expect({ device, attributes }: Pick<Command, 'device' | 'attributes'>): void {
    const { unconfirmed } = this.#of(device);
    for (const name of namesOf(attributes)) unconfirmed.add(name);
  }

  tell(device: DeviceId, attributes: Attributes, kind: Report['kind']): void {
    const at = this.#options.clock.mono();
    const standing = this.#of(device);
    for (const name of namesOf(attributes)) {
      const value = attributes[name];
      const isNews = standing.unconfirmed.delete(name) || !same(standing.attributes[name], value);
      const own = standing.known.has(name) ? kind : 'resync';
      standing.known.add(name);
      if (value === undefined || !isNews) continue;
      standing.attributes = withTold(standing.attributes, name, value);
      // It is never told who made a change.
      this.#options.onReport({ device, attribute: name, value, at, origin: 'unknown', transitional: false, kind: own });
    }
  }

  tellReadings(device: DeviceId, readings: Readings, kind: Reading['kind']): void {
    const at = this.#options.clock.mono();
    const standing = this.#of(device);
    for (const [reading, value] of Object.entries(readings) as [ReadingName, Reading['value']][]) {
      const isNews = standing.readings[reading] !== value;
      const own = standing.known.has(reading) ? kind : 'resync';
      standing.known.add(reading);
      if (!isNews) continue;
      standing.readings = { ...standing.readings, [reading]: value };
      this.#options.onReading({ device, reading, value, at, kind: own });
    }
  }

  available(device: DeviceId, available: boolean): void {
    const standing = this.#of(device);
    if (standing.available === available) return;
    standing.available = available;
    this.#options.onAvailability(device, available);
  }

  /** Of devices that are gone nothing is kept. */
  keepOnly(devices: ReadonlySet<DeviceId>): void {
    for (const device of [...this.#standings.keys()]) {
      if (devices.has(device)) continue;
      this.available(device, false);
      this.#standings.delete(device);
    }
  }

  #of(device: DeviceId): Standing {
    const standing = this.#standings.get(device) ?? {
      available: false,
      attributes: {},
      readings: {},
      unconfirmed: new Set(),
      known: new Set(),
    };
    this.#standings.set(device, standing);
    return standing;
  }
}

/** A white takes the place of a color, and the other way round. */
function withTold(before: Attributes, name: AttributeName, value: Attributes[AttributeName]): Attributes {
  const { color, colorTemperature, ...rest } = before;
  const others = name === 'color' || name === 'colorTemperature' ? rest : before;
  return { ...others, [name]: value };
}

const namesOf = (attributes: Attributes): AttributeName[] => Object.keys(attributes) as AttributeName[];

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
