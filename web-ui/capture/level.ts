/** dBFS that fills none of the meter; 0 dBFS fills it all. */
const FLOOR = -60;

/** Loudness of a block of samples (-1..1) as a share of a meter, 0..1: root mean square, in decibels. */
export function levelOf(samples: ArrayLike<number>): number {
  let power = 0;
  for (let i = 0; i < samples.length; i++) power += (samples[i] ?? 0) ** 2;
  const decibels = 10 * Math.log10(power / Math.max(1, samples.length));
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR));
}
