import { RUNGS } from '../api/mode.ts';
import type { WhyEntry } from '../api/views.ts';
import type { AttributeName, Attributes, Device } from '../devices/device.ts';
import type { Claim } from './claim.ts';
import { fit } from './scene.ts';
import { attributeNames, LIGHT_SLOTS, omit, pick, SLOTS, type Slot, slotsOf } from './slots.ts';

/** What a device is to be like, as far as anybody wishes, and why. */
export interface Decision {
  /** Never both color and color temperature; no light attributes for a lamp that is off and stays off. */
  attributes: Attributes;
  /** Whose wish each attribute is. */
  winners: Partial<Record<Slot, Claim>>;
  /** All claims on each attribute, strongest first. */
  why: Partial<Record<AttributeName, WhyEntry[]>>;
}

export interface Contest {
  device: Device;
  /** Claims on the device that are valid now, in the order they were placed. */
  claims: readonly Claim[];
  /** Where the device stands, as far as is known. */
  values: Attributes;
}

/**
 * Decides per attribute: the highest rung wins, and within a rung the claim placed last. Pure, and the same question
 * gets the same answer. A claim that does not say `on` never lights a lamp: what it wishes waits until somebody
 * switches the lamp on.
 */
export function arbitrate({ device, claims, values }: Contest): Decision {
  const ranked = rank(claims.map((claim) => ({ ...claim, attributes: fit(claim.attributes, device.capabilities) })));
  const decision: Decision = { attributes: {}, winners: {}, why: {} };
  const lit = willBeLit({ device, claims: ranked, values });
  for (const slot of SLOTS) {
    const contenders = ranked.filter((claim) => slotsOf(claim.attributes).has(slot));
    const [winner] = contenders;
    if (!winner) continue;
    const waits = LIGHT_SLOTS.includes(slot) && !lit(winner);
    explain(decision.why, { slot, contenders, waits });
    if (waits) continue;
    decision.winners[slot] = winner;
    Object.assign(decision.attributes, pick(winner.attributes, slot));
  }
  return decision;
}

/** Highest rung first, the latest first within one. */
function rank(claims: readonly Claim[]): Claim[] {
  return claims.toReversed().sort((a, b) => RUNGS.indexOf(a.rung) - RUNGS.indexOf(b.rung));
}

/**
 * Whether light attributes of a claim would show. Where it is not known if a lamp is on, only a person's wish is sent.
 */
function willBeLit({ device, claims, values }: Contest): (winner: Claim) => boolean {
  if (!device.capabilities.on) return () => true;
  const wish = claims.find((claim) => claim.attributes.on !== undefined)?.attributes.on;
  const on = wish ?? values.on;
  return (winner) => on ?? winner.rung === 'person';
}

function explain(why: Decision['why'], { slot, contenders, waits }: { slot: Slot; contenders: readonly Claim[]; waits: boolean }): void {
  for (const [place, claim] of contenders.entries()) {
    const wish = pick(claim.attributes, slot);
    for (const name of attributeNames(wish)) {
      why[name] ??= [];
      const value = wish[name];
      if (place === 0 && waits) why[name].push({ rung: claim.rung, value, reason: { code: 'reason.off', params: {} }, wins: false });
      const expiry = claim.expiresAt === undefined ? {} : { expiresAt: claim.expiresAt };
      why[name].push({ rung: claim.rung, value, reason: claim.reason, wins: place === 0 && !waits, ...expiry });
    }
  }
}

/** A claim of the mood rung never switches a lamp, either way. */
export const withoutSwitching = (attributes: Attributes): Attributes => omit(attributes, new Set<Slot>(['on']));
