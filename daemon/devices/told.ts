import type { Clock } from '../api/clock.ts';
import type { Reading } from './adapter.ts';
import type { Command, Report } from './command.ts';
import type { AttributeName, Attributes, DeviceId, ReadingName, Readings } from './device.ts';
import { Fades, type Running } from './fades.ts';

export interface ToldOptions {
  clock: Clock;
  /** ms by which reports may come late. */
  late: number;
  onReport(report: Report): void;
  onReading(reading: Reading): void;
  onAvailability(device: DeviceId, available: boolean): void;
}

/** What an adapter said of each device, so that after a gap only what is news is said again. */
export class Told {
  readonly #options: ToldOptions;
  readonly #fades: Fades;
  readonly #available = new Set<DeviceId>();
  readonly #reported = new Map<DeviceId, Attributes>();
  readonly #readings = new Map<DeviceId, Readings>();
  /** Attributes commanded since they were reported last: the next full picture speaks of them even if nothing differs. */
  readonly #unconfirmed = new Map<DeviceId, Set<AttributeName>>();

  constructor(options: ToldOptions) {
    this.#options = options;
    this.#fades = new Fades(options.late);
  }

  /** As reported last. */
  reported(device: DeviceId): Attributes {
    return this.#reported.get(device) ?? {};
  }

  /** Commanded since they were reported last. */
  unconfirmed(device: DeviceId): ReadonlySet<AttributeName> {
    return this.#unconfirmed.get(device) ?? NONE;
  }

  /** A transition that a command of ours set off and that goes on. */
  running(device: DeviceId, name: AttributeName): Running | undefined {
    return this.#fades.running(device, name, this.#options.clock.mono());
  }

  /**
   * A command goes out: from here on the device must say how it stands.
   * @param now ms of CLOCK_MONOTONIC
   * @param from where attributes start, if not where they were reported last
   * @returns what to call when it was taken
   */
  expect({ device, attributes: target, transition }: Command, now: number, from: Attributes = {}): () => void {
    const waiting = this.#unconfirmed.get(device) ?? new Set();
    for (const name of namesOf(target)) waiting.add(name);
    this.#unconfirmed.set(device, waiting);
    const before = { ...this.#reported.get(device), ...from };
    return () => this.#fades.begin(device, { before, target, duration: transition * 1000, now });
  }

  tell(device: DeviceId, attributes: Attributes, kind: Report['kind']): void {
    const at = this.#options.clock.mono();
    this.#reported.set(device, standing(this.reported(device), attributes));
    for (const name of namesOf(attributes)) {
      const value = attributes[name];
      if (value === undefined) continue;
      this.#unconfirmed.get(device)?.delete(name);
      const transitional = this.#fades.onTheWay(device, name, { value, now: at });
      // Neither bridges nor lamps say who made a change.
      this.#options.onReport({ device, attribute: name, value, at, origin: 'unknown', transitional, kind });
    }
  }

  /** Of a full picture: what differs from the last report, and what was commanded since. */
  tellNews(device: DeviceId, attributes: Attributes, kind: Report['kind'] = 'resync'): void {
    const reported = this.reported(device);
    const unconfirmed = this.unconfirmed(device);
    const news = namesOf(attributes).filter((name) => unconfirmed.has(name) || !same(reported[name], attributes[name]));
    this.tell(device, Object.fromEntries(news.map((name) => [name, attributes[name]])), kind);
  }

  /** @param kind on `resync` only what differs is said */
  tellReadings(device: DeviceId, readings: Readings, kind: Reading['kind']): void {
    const at = this.#options.clock.mono();
    const before = this.#readings.get(device) ?? {};
    this.#readings.set(device, { ...before, ...readings });
    for (const [reading, value] of Object.entries(readings) as [ReadingName, Reading['value']][]) {
      if (kind === 'event' || before[reading] !== value) this.#options.onReading({ device, reading, value, at, kind });
    }
  }

  /** Of a full picture: what differs from what was measured before. */
  tellNewReadings(device: DeviceId, readings: Readings, kind: Reading['kind']): void {
    const before = this.#readings.get(device) ?? {};
    const news = Object.entries(readings).filter(([reading, value]) => before[reading as ReadingName] !== value);
    this.tellReadings(device, Object.fromEntries(news), kind);
  }

  available(device: DeviceId, available: boolean): void {
    if (this.#available.has(device) === available) return;
    if (available) this.#available.add(device);
    else this.#available.delete(device);
    this.#options.onAvailability(device, available);
  }

  /** Of devices that are gone nothing is kept; should one come back, all is to be told again. */
  keepOnly(devices: ReadonlySet<DeviceId>): void {
    const told = new Set([...this.#reported.keys(), ...this.#readings.keys(), ...this.#available]);
    for (const device of told) {
      if (devices.has(device)) continue;
      this.#reported.delete(device);
      this.#readings.delete(device);
      this.#unconfirmed.delete(device);
      this.#fades.end(device);
      this.available(device, false);
    }
  }
}

/** A white takes the place of a color, and the other way round. */
function standing(before: Attributes, news: Attributes): Attributes {
  const { color: _color, colorTemperature: _white, ...rest } = before;
  return { ...(news.color || news.colorTemperature ? rest : before), ...news };
}

const NONE: ReadonlySet<AttributeName> = new Set();

const namesOf = (attributes: Attributes): AttributeName[] => Object.keys(attributes) as AttributeName[];

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
