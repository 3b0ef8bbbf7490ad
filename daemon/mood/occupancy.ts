import type { PresenceObservation } from './observation.ts';

/** Whether anybody is there, and how many: null where nothing tells. */
export interface Occupancy {
  occupied: boolean | null;
  people: number | null;
}

export interface FaceCount {
  at: number;
  people: number;
}

export interface OccupancyOptions {
  /** ms that a face proves presence after it was last seen. */
  faceHold: number;
  /** ms that a presence sensor's word stands: most speak on change only. */
  presenceHold: number;
}

/**
 * Faces prove presence; their absence proves nothing, since people turn away. An empty room is known from presence
 * sensors alone, when all of them say so and no face was seen since.
 */
export function occupancyOf(
  { presence, faces }: { presence: Iterable<PresenceObservation>; faces: readonly FaceCount[] },
  { now, options }: { now: number; options: OccupancyOptions },
): Occupancy {
  const sensed = [...presence].filter((each) => now - each.at < options.presenceHold);
  const lastEmpty = Math.max(Number.NEGATIVE_INFINITY, ...sensed.filter((each) => !each.occupied).map((each) => each.at));
  const seen = faces.filter((each) => now - each.at < options.faceHold && each.at > lastEmpty);
  const counts = [...sensed.filter((each) => each.occupied), ...seen].map((each) => each.people);
  if (counts.length > 0) return { occupied: true, people: knownCount(counts) };
  return sensed.length > 0 ? { occupied: false, people: 0 } : { occupied: null, people: null };
}

/** Sensors that only tell whether report no people while occupied; two cameras may see the same person, so counts do not add up. */
function knownCount(counts: readonly number[]): number | null {
  const most = Math.max(...counts);
  return most > 0 ? most : null;
}
