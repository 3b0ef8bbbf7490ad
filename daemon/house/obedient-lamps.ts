import type { Clock } from '../api/clock.ts';
import type { Command, QueueEvent, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, Capabilities, Device, DeviceId } from '../devices/device.ts';

const CAPABILITIES: Capabilities = {
  on: true,
  brightness: { min: 1 },
  colorTemperature: { min: 2000, max: 6500 },
  color: {},
  volume: true,
  mute: true,
  transport: true,
};

/** As they stand when a replay begins: a warm white, on, since nothing automatic ever lights a lamp that is off. */
const FIRST: Attributes = { on: true, brightness: 60, colorTemperature: 2700, volume: 20 };

/** ms from a command to its effect. */
const LATENCY = 100;

type Director = {
  onQueueEvent(event: QueueEvent): void;
  onReport(report: Report): void;
};

/** Devices that do at once what they are told, and say so: nothing is lost, late or rounded. */
export class ObedientLamps {
  readonly #clock: Clock;
  readonly #director: () => Director;
  readonly #devices = new Map<DeviceId, Device>();

  constructor({ clock, director }: { clock: Clock; director: () => Director }) {
    this.#clock = clock;
    this.#director = director;
  }

  get list(): { device: Device; state: { available: true; values: Attributes } }[] {
    return [...this.#devices.values()].map((device) => ({ device, state: { available: true, values: FIRST } }));
  }

  add(id: DeviceId): void {
    this.#devices.set(id, { id, adapter: id.slice(0, id.indexOf(':')), name: id, capabilities: CAPABILITIES });
  }

  apply(command: Command): void {
    this.#tell('sent', command);
    this.#clock.after(LATENCY, () => {
      this.#tell('acked', command);
      for (const [attribute, value] of Object.entries(command.attributes)) {
        this.#report(
          { device: command.device, attribute: attribute as AttributeName, value },
          { origin: 'command', commandId: command.id },
        );
      }
    });
  }

  /** A person changes a device at the device itself. */
  hand(change: Pick<Report, 'device' | 'attribute' | 'value'>): void {
    if (this.#devices.has(change.device)) this.#report(change, { origin: 'unknown' });
  }

  #tell(phase: QueueEvent['phase'], command: Command): void {
    this.#director().onQueueEvent({ phase, command, at: this.#clock.mono() });
  }

  #report(change: Pick<Report, 'device' | 'attribute' | 'value'>, origin: Pick<Report, 'origin' | 'commandId'>): void {
    this.#director().onReport({ ...change, ...origin, at: this.#clock.mono(), transitional: false, kind: 'event' });
  }
}
