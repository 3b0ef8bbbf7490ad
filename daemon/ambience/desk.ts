import { z } from 'zod';
import type { Clock } from '../api/clock.ts';
import type { StatePort } from '../api/ports.ts';
import { attributesSchema } from '../devices/attributes.ts';
import type { Command, QueueEvent, Report } from '../devices/command.ts';
import type { AttributeName, Attributes, Device, DeviceId, DeviceState } from '../devices/device.ts';
import { type Permissions, UNLIMITED } from '../devices/permissions.ts';
import type { Decision } from './arbiter.ts';
import { type Finding, Hands, type HandsOptions } from './hands.ts';
import { attributeNames, SLOTS, type Slot } from './slots.ts';
import { type Want, wantOf } from './wants.ts';

export interface Known {
  device: Device;
  available: boolean;
  /** As last reported. */
  values: Attributes;
  permissions: Permissions;
}

export interface ListedDevice {
  device: Device;
  state: Pick<DeviceState, 'available' | 'values'>;
  /** Absent: no limit. */
  permissions?: Permissions;
}

/** A person's hand that was found. */
export interface Hand {
  device: Device;
  held: Attributes;
}

const PREFIX = 'ambience.targets/';
const targetsSchema = z.partialRecord(z.enum(SLOTS), z.array(attributesSchema));

/** What devices there are, where they stand, who moved them, and which command brings one to where it should be. */
export class DeviceDesk {
  readonly #clock: Clock;
  readonly #state: StatePort;
  readonly #hands: Hands;
  readonly #known = new Map<DeviceId, Known>();
  /** Whose targets changed by a command that is not answered yet. */
  readonly #unsaved = new Set<DeviceId>();

  constructor({ clock, state, hands }: { clock: Clock; state: StatePort; hands: Partial<HandsOptions> }) {
    this.#clock = clock;
    this.#state = state;
    this.#hands = new Hands(hands);
    for (const key of state.keys(PREFIX)) {
      this.#hands.restore(key.slice(PREFIX.length) as DeviceId, state.get(key, targetsSchema) ?? {});
    }
  }

  get(id: DeviceId): Known | undefined {
    return this.#known.get(id);
  }

  all(): Known[] {
    return [...this.#known.values()];
  }

  /** Takes over the list of devices. Values that nobody reported here yet count as the first picture after a gap. */
  replace(devices: Iterable<ListedDevice>): Hand[] {
    const gone = new Set(this.#known.keys());
    const hands: Hand[] = [];
    for (const { device, state, permissions = UNLIMITED } of devices) {
      gone.delete(device.id);
      const known = this.#known.get(device.id);
      this.#known.set(device.id, { device, available: known?.available ?? state.available, values: known?.values ?? {}, permissions });
      this.setAvailable(device.id, state.available);
      for (const name of attributeNames(state.values)) {
        const found = this.#firstPicture(device.id, { name, value: state.values[name] });
        if (found?.verdict === 'hand') hands.push({ device, held: found.held });
      }
    }
    for (const device of gone) this.#known.delete(device);
    return hands;
  }

  /** Players that play together with this one, itself included. */
  together(id: DeviceId): DeviceId[] {
    const leader = this.#known.get(id)?.values.group;
    if (leader === undefined) return [id];
    return this.all().flatMap(({ device, values }) => (values.group === leader ? [device.id] : []));
  }

  /** Nothing is kept of it any more. */
  forget(device: DeviceId): void {
    this.#known.delete(device);
    this.#hands.forget(device);
    this.#unsaved.delete(device);
    this.#state.delete(PREFIX + device);
  }

  /** Undefined for a device that nobody listed. */
  take(report: Report): Finding | undefined {
    const known = this.#known.get(report.device);
    if (!known) return undefined;
    const finding = this.#hands.take(report);
    if (finding.verdict !== 'stale') known.values = withValue(known.values, report);
    if (finding.verdict === 'hand') this.#saveTargets(report.device);
    return finding;
  }

  /** @returns whether that is news */
  setAvailable(device: DeviceId, available: boolean): boolean {
    const known = this.#known.get(device);
    if (!known || known.available === available) return false;
    known.available = available;
    this.#hands.onAvailability(device, { available, at: this.#clock.mono() });
    return true;
  }

  onQueueEvent(event: QueueEvent): void {
    const { device } = event.command;
    if (this.#hands.onQueueEvent(event)) this.#unsaved.add(device);
    // With the answer, not before the command goes out: a command would wait for the disk longer than for the wire.
    if (event.phase !== 'queued' && event.phase !== 'sent' && this.#unsaved.delete(device)) this.#saveTargets(device);
  }

  /** What is to be sent; null if it is so already, away, or was tried in vain a moment ago. */
  wantFor(id: DeviceId, decision: Pick<Decision, 'attributes' | 'winners'>): Want | null {
    if (!this.#known.get(id)?.available) return null;
    const now = this.#clock.mono();
    return wantOf(decision, (slot, value) => (this.#hands.gaveUp(id, { slot, value, now }) ? value : this.#hands.expected(id, slot)));
  }

  /** Where an attribute stands, or will once what is under way has arrived. */
  expected(id: DeviceId, slot: Slot): Attributes | undefined {
    return this.#hands.expected(id, slot);
  }

  /** All of it, as far as it is known. */
  standing(id: DeviceId): Attributes {
    return Object.assign({}, ...SLOTS.map((slot) => this.#hands.expected(id, slot)));
  }

  /** A command goes out: what it asks for is under way from now on. */
  asked(command: Command): void {
    this.#hands.asked(command);
  }

  /** A person wants it: what failed or was lost a while ago is tried anew. */
  tryAgain(device: DeviceId): void {
    this.#hands.tryAgain(device);
  }

  #firstPicture<Name extends AttributeName>(
    device: DeviceId,
    { name, value }: { name: Name; value: Attributes[Name] },
  ): Finding | undefined {
    if (value === undefined || this.#hands.knows(device, name)) return undefined;
    const at = this.#clock.mono();
    return this.take({ device, attribute: name, value, at, origin: 'unknown', transitional: false, kind: 'resync' });
  }

  #saveTargets(device: DeviceId): void {
    this.#state.set(PREFIX + device, this.#hands.targets(device));
  }
}

/** A lamp shows a white or a color: a report of one ends the other. */
function withValue(values: Attributes, { attribute, value }: Report): Attributes {
  const next: Attributes = { ...values, [attribute]: value };
  if (attribute === 'color') delete next.colorTemperature;
  if (attribute === 'colorTemperature') delete next.color;
  return next;
}
