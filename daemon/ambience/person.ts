import { z } from 'zod';
import type { Clock } from '../api/clock.ts';
import { RUNGS } from '../api/mode.ts';
import type { StatePort } from '../api/ports.ts';
import type { ReasonCode } from '../api/reasons.ts';
import { HOLD_EVENTS } from '../api/views.ts';
import { attributesSchema } from '../devices/attributes.ts';
import type { DeviceId } from '../devices/device.ts';
import type { Claim } from './claim.ts';
import { omit, type Slot, slotsOf } from './slots.ts';

const PREFIX = 'ambience.claims/';

const claimSchema: z.ZodType<Claim> = z.object({
  id: z.string(),
  device: z.templateLiteral([z.string(), ':', z.string()]),
  attributes: attributesSchema,
  rung: z.enum(RUNGS),
  owner: z.object({ kind: z.enum(['panel', 'mqtt', 'cli', 'device', 'system']), name: z.string() }),
  room: z.string(),
  confidence: z.number(),
  transition: z.number().optional(),
  placedAt: z.number(),
  expiresAt: z.number().optional(),
  lastsUntil: z.enum(HOLD_EVENTS).optional(),
  reason: z.object({
    code: z.string().transform((code) => code as ReasonCode),
    params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
});

interface Placed {
  claim: Claim;
  /** ms of CLOCK_MONOTONIC: a claim lasts as long as it was meant to, however the wall clock jumps. */
  deadline: number;
}

/**
 * The claims of people: scenes, sliders, hands and pins. They outlive the process: whatever changes is on disk when the call
 * returns. The latest act counts, so a scene ends all older claims on what it sets, and a slider or hand ends older
 * sliders and hands. A scene stays beneath these and shows again when they expire, except for `on`: nobody wants a lamp
 * to light up by itself an hour after it was switched off.
 */
export class PersonClaims {
  readonly #state: StatePort;
  readonly #clock: Clock;
  readonly #placed = new Map<DeviceId, Placed[]>();
  /** ms of CLOCK_MONOTONIC before which nothing runs out. */
  #nextDeadline = Number.NEGATIVE_INFINITY;

  constructor({ state, clock }: { state: StatePort; clock: Clock }) {
    this.#state = state;
    this.#clock = clock;
    for (const key of state.keys(PREFIX)) this.#load(key);
  }

  /** Valid ones, in the order they were placed. */
  of(device: DeviceId): Claim[] {
    const now = this.#clock.mono();
    return (this.#placed.get(device) ?? []).filter((each) => now < each.deadline).map((each) => each.claim);
  }

  place(claim: Claim): void {
    const older = (this.#placed.get(claim.device) ?? []).flatMap((each) => {
      const attributes = omit(each.claim.attributes, ended(each.claim, claim));
      return Object.keys(attributes).length > 0 ? [{ ...each, claim: { ...each.claim, attributes } }] : [];
    });
    this.#nextDeadline = Number.NEGATIVE_INFINITY;
    const lasts = claim.expiresAt === undefined ? Number.POSITIVE_INFINITY : claim.expiresAt - claim.placedAt;
    this.#store(claim.device, [...older, { claim, deadline: this.#clock.mono() + lasts }]);
  }

  /** Gives a claim other attributes in place. */
  amend(claim: Claim): void {
    const placed = this.#placed.get(claim.device) ?? [];
    this.#store(
      claim.device,
      placed.map((each) => (each.claim.id === claim.id ? { ...each, claim } : each)),
    );
  }

  /** Ends the claims that are chosen. @returns the devices concerned */
  release(chosen: (claim: Claim) => boolean): DeviceId[] {
    return this.#keep((each) => !chosen(each.claim));
  }

  /** Ends what hands, sliders and pins ask of these slots of a device. @returns whether anything was */
  drop(device: DeviceId, slots: ReadonlySet<Slot>): boolean {
    const placed = this.#placed.get(device) ?? [];
    const rest = placed.flatMap((each) => {
      if (isScene(each.claim)) return [each];
      const attributes = omit(each.claim.attributes, slots);
      return Object.keys(attributes).length > 0 ? [{ ...each, claim: { ...each.claim, attributes } }] : [];
    });
    if (JSON.stringify(rest) === JSON.stringify(placed)) return false;
    this.#store(device, rest);
    return true;
  }

  /** Ends what has run out. @returns the devices concerned */
  expire(): DeviceId[] {
    const now = this.#clock.mono();
    if (now < this.#nextDeadline) return [];
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const { deadline } of [...this.#placed.values()].flat()) {
      if (deadline > now) this.#nextDeadline = Math.min(this.#nextDeadline, deadline);
    }
    return this.#keep((each) => now < each.deadline);
  }

  /** Rooms of which a scene still has claims. */
  sceneRooms(): Set<string> {
    const claims = [...this.#placed.values()].flat().map((each) => each.claim);
    return new Set(claims.filter(isScene).map((claim) => claim.room));
  }

  #keep(kept: (placed: Placed) => boolean): DeviceId[] {
    const concerned: DeviceId[] = [];
    for (const [device, placed] of this.#placed) {
      const rest = placed.filter(kept);
      if (rest.length === placed.length) continue;
      this.#store(device, rest);
      concerned.push(device);
    }
    return concerned;
  }

  #store(device: DeviceId, placed: Placed[]): void {
    if (placed.length > 0) {
      this.#placed.set(device, placed);
      const claims = placed.map((each) => each.claim);
      this.#state.set(PREFIX + device, claims);
    } else {
      this.#placed.delete(device);
      this.#state.delete(PREFIX + device);
    }
  }

  /** What is left of a claim's time by the wall clock, but never more than it was given: the clock may not be set yet. */
  #load(key: string): void {
    const device = key.slice(PREFIX.length) as DeviceId;
    const [mono, wall] = [this.#clock.mono(), this.#clock.wall()];
    const placed = (this.#state.get(key, z.array(claimSchema)) ?? []).map((claim) => {
      const { placedAt, expiresAt = Number.POSITIVE_INFINITY } = claim;
      return { claim, deadline: mono + Math.min(expiresAt - wall, expiresAt - placedAt) };
    });
    this.#placed.set(device, placed);
  }
}

export const isScene = (claim: Claim): boolean => claim.reason.code === 'reason.scene';

const HANDS: readonly ReasonCode[] = ['reason.hand', 'reason.hand_empty', 'reason.hand_sleep'];
export const isHand = (claim: Claim): boolean => HANDS.includes(claim.reason.code);
/** What a person wants kept as it is, by a hand or a pin. */
export const isHold = (claim: Claim): boolean => isHand(claim) || claim.reason.code === 'reason.pin';

/** What a newer act ends of an older claim. */
function ended(older: Claim, newer: Claim): Set<Slot> {
  const slots = slotsOf(newer.attributes);
  return isScene(older) && !isScene(newer) ? new Set([...slots].filter((slot) => slot === 'on')) : slots;
}
