import type { PresenceObservation } from './observation.ts';

/** Whether anybody is there, and how many: null where nothing tells. */
export interface Occupancy {
  occupied: boolean | null;
  people: number | null;
}

/** What a sensor of presence says. */
export interface Sensed {
  latest: PresenceObservation;
  /** Since when it has said the same: ms of CLOCK_MONOTONIC. */
  since: number;
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
  /** ms for which a sensor that is not sure of it must say that nobody is there: a camera may see a back. */
  absenceHold: number;
}

/** From this confidence on an absence is believed at once. */
const SURE = 0.8;

/** What a sensor says with another observation of it; one that is older than what it said last changes nothing. */
export function sense(before: Sensed | undefined, latest: PresenceObservation): Sensed {
  if (before && before.latest.at > latest.at) return before;
  return { latest, since: before?.latest.occupied === latest.occupied ? before.since : latest.at };
}

/**
 * Faces prove presence; their absence proves little, since people turn away. An empty room is known from presence sensors,
 * when all that are believed say so; a face that was seen since refutes them until they say so again.
 */
export function occupancyOf(
  { sensors, faces }: { sensors: Iterable<Sensed>; faces: readonly FaceCount[] },
  { now, options }: { now: number; options: OccupancyOptions },
): Occupancy {
  let lastFace = Number.NEGATIVE_INFINITY;
  for (const { at } of faces) lastFace = Math.max(lastFace, at);
  const isBelieved = ({ latest, since }: Sensed): boolean => {
    if (latest.occupied) return true;
    return latest.at > lastFace && (latest.confidence >= SURE || now - Math.max(since, lastFace) >= options.absenceHold);
  };
  let [isTold, isEmpty] = [false, false];
  /** -1: nobody said that somebody is there. */
  let most = -1;
  for (const sensor of sensors) {
    const { latest } = sensor;
    if (now - latest.at >= options.presenceHold || !isBelieved(sensor)) continue;
    isTold = true;
    if (latest.occupied) most = Math.max(most, latest.people);
    else isEmpty = true;
  }
  if (!isEmpty) for (const { at, people } of faces) if (now - at < options.faceHold) most = Math.max(most, people);
  // Sensors that only tell whether report no people while occupied; two cameras may see the same person, so counts do not add up.
  if (most >= 0) return { occupied: true, people: most || null };
  return isTold ? { occupied: false, people: 0 } : { occupied: null, people: null };
}
