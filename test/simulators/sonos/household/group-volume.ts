/**
 * The volume of a group as its coordinator reckons it (sources in README.md): the mean of its players; set, it moves each player
 * from where the last snapshot saw it toward 100 or toward 0, so that the mean becomes what was asked. All volumes are 0..100.
 */

export const mean = (volumes: readonly number[]): number => volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length;

/** As `GetGroupVolume` tells it: halves up. */
export const groupVolume = (volumes: readonly number[]): number => (volumes.length === 0 ? 0 : Math.round(mean(volumes)));

/** The volumes of the players for a group volume of `target`, from those of the snapshot, in the same order. */
export function scaled(snapshot: readonly number[], target: number): number[] {
  const from = mean(snapshot);
  if (target === Math.round(from)) return [...snapshot];
  if (target < from) return snapshot.map((volume) => Math.round((volume * target) / from));
  const share = (target - from) / (100 - from);
  return snapshot.map((volume) => Math.round(volume + (100 - volume) * share));
}
