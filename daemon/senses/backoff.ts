/** Delays between attempts: doubling from `base` to `max`, both ms. */
export interface Backoff {
  base: number;
  max: number;
}

/**
 * Milliseconds to wait after the `failures`-th failure in a row (from 1), give or take a fifth, so that cameras which were
 * lost together do not come back together.
 * @param random 0 <= random() < 1
 */
export function backoffDelay(failures: number, { base, max }: Backoff, random: () => number): number {
  const delay = Math.min(max, base * 2 ** (failures - 1));
  return Math.round(delay * (0.8 + 0.4 * random()));
}
