import type { Mode } from '../api/mode.ts';
import type { Attributes, DeviceId } from '../devices/device.ts';
import { allows } from '../devices/permissions.ts';
import type { Before } from './before.ts';
import type { Claim } from './claim.ts';
import type { Known } from './desk.ts';
import { isHand, isScene, type PersonClaims } from './person.ts';
import type { RoomAmbience } from './room.ts';

/** From the one that lets automation do most to the one that lets it do least. */
const BY_RESTRAINT: readonly Mode[] = ['auto', 'suggest', 'paused', 'away', 'off'];

export const mostRestrictive = (modes: Iterable<Mode>): Mode =>
  [...modes].reduce((most, mode) => (BY_RESTRAINT.indexOf(mode) > BY_RESTRAINT.indexOf(most) ? mode : most), 'auto');

export interface ClaimsOptions {
  people: PersonClaims;
  before: Before;
  roomsOf: (device: DeviceId) => readonly RoomAmbience[];
  /** Players that play together with this one, itself included. */
  together: (device: DeviceId) => readonly DeviceId[];
}

/** All that is wished of a device: by people, by the clock, by the moods of its rooms, and by what there was before. */
export class Claims {
  readonly #the: ClaimsOptions;

  constructor(options: ClaimsOptions) {
    this.#the = options;
  }

  /**
   * In the order they were placed. Clock and mood are heard only where the most restrictive mode among the rooms that claim
   * anything of the device lets them act; a hand claims it for all of its rooms.
   */
  of({ device, values, permissions }: Known): Claim[] {
    const { people, before, roomsOf } = this.#the;
    const rooms = roomsOf(device.id);
    const base: Attributes = { ...values, ...before.of(device.id) };
    const placed = people.of(device.id).filter((claim) => !isScene(claim) || rooms.some(({ plan }) => plan.id === claim.room));
    const wished = rooms.map((room) => room.claimsOn(device, base));
    const claiming = rooms.filter(
      ({ plan }, index) => wished[index]?.length || placed.some((claim) => !isScene(claim) || claim.room === plan.id),
    );
    const automated = mostRestrictive(claiming.map(({ mode }) => mode)) === 'auto' ? wished.flat() : [];
    automated.sort((a, b) => a.placedAt - b.placedAt);
    const heard = [...automated, ...placed].filter((claim) => isHand(claim) || allows(permissions, claim));
    const restored = before.claimOn(device);
    return restored ? [restored, ...heard] : heard;
  }

  /**
   * Whether a claim would meddle with the music of a group that people made: one that is heard beyond the room that claims, or that plays
   * what no scene began.
   */
  isOthersMusic({ device, values }: Known, { room }: Claim): boolean {
    const { before, roomsOf, together } = this.#the;
    const company = together(device.id);
    if (company.length < 2) return false;
    const rooms = room === '' ? roomsOf(device.id).map(({ plan }) => plan.id) : [room];
    if (!company.every((id) => roomsOf(id).some(({ plan }) => rooms.includes(plan.id)))) return true;
    return values.transport === 'playing' && before.of(device.id).transport === undefined;
  }
}
