import { EventEmitter } from 'node:events';
import type { Clock } from '../../../daemon/api/clock.ts';
import type { LaneLimits } from '../../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../../daemon/devices/command.ts';
import type { Attributes, Capabilities, Device, DeviceId } from '../../../daemon/devices/device.ts';
import type { CommandRoutes } from '../../../daemon/devices/queue.ts';
import type { Random } from './random.ts';

export const DIALS = ['brightness', 'colorTemperature'] as const;
/** What of a lamp is looked at. */
export type Dial = (typeof DIALS)[number];

/** Differences that are noticed, as docs/ambience.md has them. */
export const NOTICEABLE: Readonly<Record<Dial, number>> = { brightness: 9.8, colorTemperature: 100 };
export const RANGE: Readonly<Record<Dial, readonly [least: number, most: number]>> = {
  brightness: [1, 100],
  colorTemperature: [2200, 6500],
};

/** ms */
const DELAY = [50, 2000] as const;
const POLL = 30_000;
const COMMAND_LOST = 0.01;
const REPORT_LOST = 0.05;
const REPORT_TWICE = 0.05;

const CAPABILITIES: Capabilities = { on: true, brightness: { min: 1 }, colorTemperature: { min: 2200, max: 6500 } };

/** A value that a lamp took on, and who gave it. */
export interface Change {
  device: DeviceId;
  dial: Dial;
  value: number;
  at: number;
  by: 'command' | 'hand';
}

/** A command that was answered, and not carried out. */
export type Lost = Pick<Command, 'device' | 'attributes'> & { at: number };

/**
 * Lamps on a bad network. A command is answered after one delay and takes effect after another, so that effects overtake each
 * other; some never take effect though they are answered. What a lamp takes on it tells after a delay of its own, rounded;
 * some reports are lost, some come twice. Each lamp is polled now and then. All on the clock and the draws that it is given.
 */
export class UnrulyLamps implements CommandRoutes {
  readonly events = new EventEmitter<{ availability: [{ device: DeviceId; available: boolean }] }>();
  readonly told = new EventEmitter<{ change: [Change]; report: [Report]; lost: [Lost] }>();
  readonly devices: readonly Device[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #values = new Map<DeviceId, Record<Dial, number>>();
  /** Answers that are awaited. */
  pending = 0;

  constructor({ clock, random, ids }: { clock: Clock; random: Random; ids: readonly DeviceId[] }) {
    this.#clock = clock;
    this.#random = random;
    this.devices = ids.map((id) => ({ id, adapter: 'sim', name: id, capabilities: CAPABILITIES }));
    for (const id of ids) {
      this.#values.set(id, { brightness: 60, colorTemperature: 3300 });
      clock.after(random.uniform([0, POLL]), () => clock.every(POLL, () => this.#poll(id)));
    }
  }

  valueOf(device: DeviceId, dial: Dial): number {
    return (this.#values.get(device) as Record<Dial, number>)[dial];
  }

  route(): { key: string; limits: LaneLimits } {
    return { key: 'sim', limits: { rate: 1000, burst: 1000, inFlight: 100 } };
  }

  available(): boolean {
    return true;
  }

  async apply({ device, attributes }: Command): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.pending++;
    this.#clock.after(this.#random.uniform(DELAY), resolve);
    if (this.#random.chance(COMMAND_LOST)) this.told.emit('lost', { device, attributes, at: this.#clock.mono() });
    else this.#clock.after(this.#random.uniform(DELAY), () => this.#obey(device, attributes));
    await promise;
    this.pending--;
  }

  #obey(device: DeviceId, attributes: Attributes): void {
    for (const dial of DIALS) {
      const value = attributes[dial];
      if (value !== undefined) this.#turn({ device, dial, value, by: 'command' });
    }
  }

  /** A person turns a lamp at the lamp itself. */
  hand(device: DeviceId, dial: Dial, value: number): void {
    this.#turn({ device, dial, value, by: 'hand' });
  }

  #turn({ device, dial, value, by }: Omit<Change, 'at'>): void {
    const rounded = roundedTo(dial, value);
    (this.#values.get(device) as Record<Dial, number>)[dial] = rounded;
    this.told.emit('change', { device, dial, value: rounded, at: this.#clock.mono(), by });
    if (this.#random.chance(REPORT_LOST)) return;
    for (let i = this.#random.chance(REPORT_TWICE) ? 2 : 1; i > 0; i--) {
      this.#clock.after(this.#random.uniform(DELAY), () => this.#report({ device, dial, value: rounded, kind: 'event' }));
    }
  }

  #poll(device: DeviceId): void {
    for (const dial of DIALS) this.#report({ device, dial, value: this.valueOf(device, dial), kind: 'poll' });
  }

  #report({ device, dial, value, kind }: { device: DeviceId; dial: Dial; value: number; kind: Report['kind'] }): void {
    this.told.emit('report', { device, attribute: dial, value, at: this.#clock.mono(), origin: 'unknown', transitional: false, kind });
  }
}

/** Levels are 1/254, color temperatures whole mireds (Zigbee Cluster Library, "Level Control", "Color Control"). */
function roundedTo(dial: Dial, value: number): number {
  return dial === 'brightness' ? Math.round(value * 2.54) / 2.54 : 1e6 / Math.round(1e6 / value);
}
