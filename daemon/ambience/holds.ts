import type { Clock } from '../api/clock.ts';
import type { Reason } from '../api/reasons.ts';
import type { DeviceView, HoldEvent } from '../api/views.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import type { Claim } from './claim.ts';
import { isHold, type PersonClaims } from './person.ts';
import type { HoldLength, RoomAmbience } from './room.ts';
import { attributeNames } from './slots.ts';

/** An hour, ms */
const UNPLACED = 3_600_000;

/** How long what a person changed by hand or slider is theirs, and what ends it early. */
export class Holds {
  readonly #clock: Clock;
  readonly #people: PersonClaims;
  readonly #roomsOf: (device: DeviceId) => readonly RoomAmbience[];

  constructor(options: { clock: Clock; people: PersonClaims; roomsOf: (device: DeviceId) => readonly RoomAmbience[] }) {
    this.#clock = options.clock;
    this.#people = options.people;
    this.#roomsOf = options.roomsOf;
  }

  /**
   * From now: as long as the first room of the device has it. Silence lasts until the next sleep: what somebody paused does not begin anew
   * by itself after an hour.
   */
  lasting(device: DeviceId, { transport = 'playing' }: Attributes): Pick<Claim, 'placedAt' | 'expiresAt' | 'lastsUntil'> {
    const placedAt = this.#clock.wall();
    if (transport !== 'playing') return { placedAt, lastsUntil: 'sleep' };
    const hold = this.#roomsOf(device)[0]?.plan.hold ?? UNPLACED;
    return { placedAt, ...(typeof hold === 'number' ? { expiresAt: placedAt + hold } : { lastsUntil: EVENTS[hold] }) };
  }

  /** Ends the holds on these devices that were to last until then. @returns the devices concerned */
  endAt(event: HoldEvent, devices: readonly DeviceId[]): DeviceId[] {
    const over = new Set(devices.filter((device) => event === 'sleep' || this.#roomsOf(device).every(({ isEmpty }) => isEmpty)));
    return this.#people.release((claim) => claim.lastsUntil === event && over.has(claim.device));
  }

  of(device: DeviceId): DeviceView['holds'] {
    const holds: DeviceView['holds'] = {};
    for (const { attributes, expiresAt, lastsUntil } of this.#people.of(device).filter(isHold)) {
      for (const name of attributeNames(attributes)) holds[name] = expiresAt ?? lastsUntil ?? 'resume';
    }
    return holds;
  }
}

const EVENTS: Readonly<Record<Exclude<HoldLength, number>, HoldEvent>> = { 'until-empty': 'empty', 'until-sleep': 'sleep' };

export function handReason({ expiresAt, lastsUntil }: Pick<Claim, 'expiresAt' | 'lastsUntil'>): Reason {
  if (lastsUntil) return { code: `reason.hand_${lastsUntil}`, params: {} };
  return { code: 'reason.hand', params: { until: new Date(expiresAt ?? 0).toISOString() } };
}
