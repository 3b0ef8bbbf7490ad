import { type SimulatorClock, Timers } from '../../hue/clock.ts';
import type { Attribute } from './cluster.ts';
import { isAnalog, type ZclValue } from './types.ts';

export interface ReportingConfiguration {
  /** Seconds; 0 for none. */
  min: number;
  /** Seconds; 0xffff switches reports off. */
  max: number;
  /** The change that is worth a report, for analog values. */
  change: number;
}

const off = 0xffff;

interface Entry {
  attribute: Attribute;
  configuration: ReportingConfiguration;
  reported: ZclValue;
  reportedAt: number;
  timer: { cancel(): void } | undefined;
}

/**
 * Reports of one cluster's attributes: not sooner than `min` seconds after the last, at the latest after `max`, and in between when
 * the value changed by enough (cluster library, "Configure Reporting").
 */
export class Reporting {
  readonly #clock: SimulatorClock;
  readonly #timers: Timers;
  readonly #send: (id: number, attribute: Attribute) => void;
  readonly #entries = new Map<number, Entry>();

  constructor({ clock, send }: { clock: SimulatorClock; send: (id: number, attribute: Attribute) => void }) {
    this.#clock = clock;
    this.#timers = new Timers(clock);
    this.#send = send;
  }

  configure(id: number, attribute: Attribute, configuration: ReportingConfiguration): void {
    this.#entries.get(id)?.timer?.cancel();
    this.#entries.delete(id);
    // Back to what a device reports by itself, which is nothing here.
    const isDefault = configuration.max === 0 && configuration.min === off;
    if (configuration.max === off || isDefault) return;
    const entry: Entry = { attribute, configuration, reported: attribute.read(), reportedAt: this.#clock.mono(), timer: undefined };
    this.#entries.set(id, entry);
    this.#plan(id, entry);
  }

  configuration(id: number): ReportingConfiguration | undefined {
    return this.#entries.get(id)?.configuration;
  }

  /** To be called when values may have changed. */
  check(): void {
    for (const [id, entry] of this.#entries) this.#plan(id, entry);
  }

  /** Power is gone: nothing is sent until `check` is called again. */
  stop(): void {
    this.#timers.cancelAll();
    for (const entry of this.#entries.values()) entry.timer = undefined;
  }

  forget(): void {
    this.stop();
    this.#entries.clear();
  }

  #plan(id: number, entry: Entry): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    const { min, max } = entry.configuration;
    const seconds = isWorthIt(entry) ? min : max || undefined;
    if (seconds === undefined) return;
    const wait = entry.reportedAt + seconds * 1000 - this.#clock.mono();
    if (wait <= 0) this.#report(id, entry);
    else entry.timer = this.#timers.after(wait, () => this.#report(id, entry));
  }

  #report(id: number, entry: Entry): void {
    entry.reported = entry.attribute.read();
    entry.reportedAt = this.#clock.mono();
    this.#send(id, entry.attribute);
    entry.timer = undefined;
    if (entry.configuration.max > 0) entry.timer = this.#timers.after(entry.configuration.max * 1000, () => this.#report(id, entry));
  }
}

function isWorthIt({ attribute, reported, configuration }: Entry): boolean {
  const value = attribute.read();
  if (value === reported) return false;
  if (typeof value !== 'number' || typeof reported !== 'number' || !isAnalog(attribute.type)) return true;
  return Math.abs(value - reported) >= configuration.change;
}
