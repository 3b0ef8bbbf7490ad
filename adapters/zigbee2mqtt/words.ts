import type { Clock } from '../../daemon/api/clock.ts';
import type { ButtonEvent } from '../../daemon/devices/adapter.ts';
import type { Command, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../daemon/devices/device.ts';
import { Told, type ToldOptions } from '../../daemon/devices/told.ts';
import { attributesIn, readingsIn } from './attributes.ts';
import type { Housing, Unit, Zigbee2MqttHouse } from './house.ts';
import type { DeviceMessage } from './payloads.ts';

export interface WordsOptions extends Omit<ToldOptions, 'late'> {
  clock: Clock;
  onButton(event: ButtonEvent): void;
}

/** ms: lamps report the end of a transition late, and Zigbee2MQTT may gather what they say (`debounce`). */
const LATE = 4000;

/**
 * What the messages of devices mean. A message repeats all that is known of a device, whatever it is about: only what
 * differs, or was asked for, is a word of the device.
 */
export class Words {
  readonly #options: WordsOptions;
  readonly #told: Told;
  /** Attributes told since the last gap: the first word on one after it is how it stands, not how it changed. */
  readonly #known = new Map<DeviceId, Set<AttributeName>>();
  /** The button of each device that is held down. */
  readonly #held = new Map<DeviceId, number>();

  constructor(options: WordsOptions) {
    this.#options = options;
    this.#told = new Told({ ...options, late: LATE });
  }

  /** Commands go out now. @returns what to call when they were taken */
  expect(commands: readonly Command[]): () => void {
    const now = this.#options.clock.mono();
    const fades = commands.map((command) => this.#told.expect(command, now));
    return () => {
      for (const begin of fades) begin();
    };
  }

  available({ units }: Housing, available: boolean): void {
    for (const { device } of units) this.#told.available(device.id, available);
  }

  /** @param retained kept by the broker: it tells how things stand, and never of an event */
  take({ units }: Housing, message: DeviceMessage, { kind, retained }: { kind: Report['kind']; retained: boolean }): void {
    for (const unit of units) {
      const { device, features } = unit;
      this.#tell(device.id, attributesIn(message, features), kind);
      this.#told.tellNewReadings(device.id, readingsIn(message, features), retained ? 'resync' : 'event');
      if (!retained) this.#tellTouch(unit, message);
    }
  }

  gap({ units }: Housing): void {
    for (const { device } of units) {
      this.#known.delete(device.id);
      this.#held.delete(device.id);
    }
  }

  /** Of devices that are gone nothing is kept. */
  keepOnly(house: Zigbee2MqttHouse): void {
    this.#told.keepOnly(new Set(house.units().map(({ device }) => device.id)));
    for (const kept of [this.#known, this.#held]) for (const id of kept.keys()) if (!house.unit(id)) kept.delete(id);
  }

  #tell(device: DeviceId, attributes: Attributes, kind: Report['kind']): void {
    const known = this.#known.get(device) ?? new Set();
    this.#known.set(device, known);
    for (const [name, value] of Object.entries(attributes) as [AttributeName, unknown][]) {
      this.#told.tellNews(device, { [name]: value }, known.has(name) ? kind : 'resync');
      known.add(name);
    }
  }

  /** That a button is held is said once, and a release that does not say of which is that of the one held last. */
  #tellTouch({ device: { id: device }, features: { buttons } }: Unit, message: DeviceMessage): void {
    const touch = typeof message.action === 'string' ? buttons?.touch(message.action, message) : undefined;
    if (!touch) return;
    const held = this.#held.get(device);
    if (touch.action === 'hold' && held === touch.button) return;
    if (touch.action === 'hold') this.#held.set(device, touch.button);
    else this.#held.delete(device);
    const button = touch.action === 'release' ? (held ?? touch.button) : touch.button;
    this.#options.onButton({ device, ...touch, button, at: this.#options.clock.mono() });
  }
}
