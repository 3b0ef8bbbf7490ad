import { RUNGS, type Rung } from '../api/mode.ts';
import type { Reason, ReasonCode } from '../api/reasons.ts';
import type { WhyEntry } from '../api/views.ts';
import type { AttributeName, Attributes, Device } from '../devices/device.ts';
import type { Claim } from './claim.ts';
import { mix } from './mix.ts';
import { fit } from './scene.ts';
import { attributeNames, LIGHT_SLOTS, MUSIC_SLOTS, omit, pick, SLOTS, type Slot, slotsOf } from './slots.ts';

/**
 * How claims of one rung become one value: the one placed last, the one of the highest confidence (of equals the last), or all
 * of them, averaged by the weight of their rooms.
 */
export const MERGES = ['latest', 'confidence', 'blend'] as const;
export type Merge = (typeof MERGES)[number];

/** Rungs on which people do not act themselves. Their claims may be merged otherwise than by the latest, and are clamped. */
export const AUTOMATED_RUNGS = ['schedule', 'mood', 'idle'] as const satisfies readonly Rung[];
export type AutomatedRung = (typeof AUTOMATED_RUNGS)[number];

export const isAutomated = (rung: Rung): rung is AutomatedRung => (AUTOMATED_RUNGS as readonly Rung[]).includes(rung);

export type Merges = Readonly<Record<AutomatedRung, Merge>>;

export const LATEST: Merges = { schedule: 'latest', mood: 'latest', idle: 'latest' };

/** What a device is to be like, as far as anybody wishes, and why. */
export interface Decision {
  /** Never both color and color temperature; no light attributes for a lamp that is off and stays off. */
  attributes: Attributes;
  /** Whose wish each attribute is: several where they were blended, never none. */
  winners: Partial<Record<Slot, readonly Claim[]>>;
  /** All claims on each attribute, strongest first. */
  why: Partial<Record<AttributeName, WhyEntry[]>>;
}

/** A value as far as it is allowed, and what it ran into. */
export interface Clamped {
  value: Attributes;
  limit?: Reason;
}

export interface Contest {
  device: Device;
  /** Claims on the device that are valid now, in the order they were placed. */
  claims: readonly Claim[];
  /** Where the device stands, as far as is known. */
  values: Attributes;
  merges?: Merges;
  /** Other people's music: they play together what the automated rungs must leave alone. */
  leaves?: (claim: Claim) => boolean;
  /** What the automated rungs are held to. */
  clamp?: (slot: Slot, value: Attributes) => Clamped;
}

/**
 * Decides per attribute: the highest rung wins, and within a rung as it is merged. Pure, and the same question gets the same
 * answer. A claim that does not say `on` never lights a lamp: what it wishes waits until somebody switches the lamp on.
 */
export function arbitrate({ device, claims, values, merges = LATEST, leaves = () => false, clamp }: Contest): Decision {
  const fitted = claims.map((claim) => ({ ...claim, attributes: fit(claim.attributes, device.capabilities) }));
  const ranked = rank(fitted, merges);
  const decision: Decision = { attributes: {}, winners: {}, why: {} };
  const waiting = waitFor({ device, claims: ranked, values, leaves });
  for (const slot of SLOTS) {
    const contenders = ranked.filter((claim) => slotsOf(claim.attributes).has(slot));
    const [first] = contenders;
    if (!first) continue;
    const waits = waiting(slot, first);
    const winners = isBlended(first, merges) ? contenders.filter(({ rung }) => rung === first.rung) : [first];
    const wish = winners.length > 1 ? mix(slot, winners.map(partOf(slot))) : pick(first.attributes, slot);
    const { value, limit } = (isAutomated(first.rung) && clamp?.(slot, wish)) || { value: wish };
    explain(decision.why, { slot, contenders, winners: waits ? [] : winners, waits, limit });
    if (waits) continue;
    decision.winners[slot] = winners;
    Object.assign(decision.attributes, value);
  }
  return decision;
}

const isBlended = ({ rung }: Claim, merges: Merges): boolean => isAutomated(rung) && merges[rung] === 'blend';

const partOf =
  (slot: Slot) =>
  ({ attributes, weight = 1 }: Claim) => ({ value: pick(attributes, slot), weight });

/** Highest rung first; within one the latest first, or the most confident. */
function rank(claims: readonly Claim[], merges: Merges): Claim[] {
  return claims.toReversed().sort((a, b) => {
    const byRung = RUNGS.indexOf(a.rung) - RUNGS.indexOf(b.rung);
    if (byRung !== 0 || !isAutomated(a.rung) || merges[a.rung] !== 'confidence') return byRung;
    return b.confidence - a.confidence;
  });
}

/**
 * Why what wins a slot is not sent: light attributes of a lamp that is off, what would play where nothing does, and music that other people
 * hear. Where it is not known if a lamp is on, only a person's wish is sent.
 */
function waitFor({ device, claims, values, leaves }: Contest & Required<Pick<Contest, 'leaves'>>) {
  const wished = <Name extends 'on' | 'transport'>(name: Name): Attributes[Name] =>
    claims.find((claim) => claim.attributes[name] !== undefined)?.attributes[name] ?? values[name];
  const on = device.capabilities.on ? wished('on') : true;
  return (slot: Slot, winner: Claim): ReasonCode | undefined => {
    if (LIGHT_SLOTS.includes(slot) && !(on ?? winner.rung === 'person')) return 'reason.off';
    if (!isAutomated(winner.rung)) return undefined;
    if ((slot === 'transport' || MUSIC_SLOTS.includes(slot)) && leaves(winner)) return 'reason.company';
    return MUSIC_SLOTS.includes(slot) && winner.rung !== 'idle' && wished('transport') !== 'playing' ? 'reason.silent' : undefined;
  };
}

interface Outcome {
  slot: Slot;
  contenders: readonly Claim[];
  winners: readonly Claim[];
  waits: ReasonCode | undefined;
  limit: Reason | undefined;
}

function explain(why: Decision['why'], { slot, contenders, winners, waits, limit }: Outcome): void {
  for (const [place, claim] of contenders.entries()) {
    const wish = pick(claim.attributes, slot);
    for (const name of attributeNames(wish)) {
      why[name] ??= [];
      const value = wish[name];
      if (place === 0 && waits) why[name].push({ rung: claim.rung, value, reason: { code: waits, params: {} }, wins: false });
      const wins = winners.includes(claim);
      const expiry = claim.expiresAt === undefined ? {} : { expiresAt: claim.expiresAt };
      why[name].push({ rung: claim.rung, value, reason: claim.reason, wins, ...expiry, ...(wins && limit ? { limit } : {}) });
    }
  }
}

/** A claim of the mood rung never switches a lamp, either way. */
export const withoutSwitching = (attributes: Attributes): Attributes => omit(attributes, new Set<Slot>(['on']));
