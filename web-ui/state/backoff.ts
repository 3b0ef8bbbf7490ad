/** Milliseconds */
export const BACKOFF = { first: 1000, longest: 30_000 } as const;

/**
 * How long to wait before try number `attempt` (from 0), ms. Doubles up to a limit, with half of it drawn by chance, so that
 * all panels of a house do not knock at once after the hub restarts.
 * @param random 0..1
 */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF.longest, BACKOFF.first * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (ceiling / 2) * random;
}
