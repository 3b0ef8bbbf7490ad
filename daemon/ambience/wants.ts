import type { Attributes } from '../devices/device.ts';
import { type Decision, isAutomated } from './arbiter.ts';
import type { Claim } from './claim.ts';
import { differs, NOTICEABLE, pick, ROUNDING, type Slot } from './slots.ts';

/** What has to be sent so that a device becomes what was decided. */
export interface Want {
  attributes: Attributes;
  /** Seconds */
  transition: number;
  /** Those who wish for it. */
  claims: Claim[];
}

/** Seconds, where the claim does not say: as long as lamps take by themselves (Hue: 400 ms). */
const DEFAULT_TRANSITION = 0.4;

/**
 * The part of a decision that is not so already: null if a command would change nothing. A person's wish counts down to
 * what devices round to. For the automated rungs something noticeable must differ; if it does, the small differences go along.
 * @param expected where an attribute stands, or will once commands under way have arrived; undefined if unknown
 */
export function wantOf(
  { attributes, winners }: Pick<Decision, 'attributes' | 'winners'>,
  expected: (slot: Slot, value: Attributes) => Attributes | undefined,
): Want | null {
  const off: { claims: readonly Claim[]; value: Attributes; noticeable: boolean }[] = [];
  for (const [slot, claims] of Object.entries(winners) as [Slot, readonly Claim[]][]) {
    const value = pick(attributes, slot);
    const pair = [value, expected(slot, value) ?? {}] as const;
    if (!differs(slot, pair, ROUNDING)) continue;
    off.push({ claims, value, noticeable: !claims.every(isAutomatic) || differs(slot, pair, NOTICEABLE) });
  }
  if (!off.some((each) => each.noticeable)) return null;
  const claims = [...new Set(off.flatMap((each) => each.claims))];
  return {
    attributes: Object.assign({}, ...off.map((each) => each.value)),
    transition: Math.max(...claims.map((each) => each.transition ?? DEFAULT_TRANSITION)),
    claims,
  };
}

const isAutomatic = ({ rung }: Claim): boolean => isAutomated(rung);

/** What of a decision people wish for. */
export function byPeople({ attributes, winners }: Decision): Pick<Decision, 'attributes' | 'winners'> {
  const entries = Object.entries(winners).filter(([, claims]) => !claims.every(isAutomatic));
  return { attributes, winners: Object.fromEntries(entries) };
}
