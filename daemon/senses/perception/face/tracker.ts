import { type Box, type Detection, overlap, sideOf } from './box.ts';

/** How long a face may be out of sight, ms, and still be taken for the same one. */
const KEEP_UNSEEN = 1500;
const MIN_OVERLAP = 0.15;
/** Without overlap (few frames a second), a face of like size whose centre moved less than this many face sides is the same. */
const MAX_SHIFT = 1.2;
const MAX_SIZE_RATIO = 1.6;

export interface TrackedFace extends Detection {
  /** Anonymous: counts up, dies with the track, is never given again. */
  track: number;
}

interface Track {
  id: number;
  box: Box;
  seenAt: number;
}

interface Pair {
  track: Track;
  detection: Detection;
  likeness: number;
}

/** Follows faces from frame to frame by place and size alone: nothing of the face itself is kept. */
export class FaceTracker {
  #nextId = 1;
  #tracks: Track[] = [];

  /** Gives every detection of a frame its track. `at`: mono ms, not decreasing. The order of the detections is kept. */
  update(detections: readonly Detection[], at: number): TrackedFace[] {
    this.#tracks = this.#tracks.filter((track) => at - track.seenAt <= KEEP_UNSEEN);
    const assigned = assign(this.#tracks, detections);
    return detections.map((detection) => {
      const track = assigned.get(detection) ?? this.#begin(detection.box, at);
      track.box = detection.box;
      track.seenAt = at;
      return { ...detection, track: track.id };
    });
  }

  #begin(box: Box, at: number): Track {
    const track = { id: this.#nextId++, box, seenAt: at };
    this.#tracks.push(track);
    return track;
  }
}

/** Greedy: the likest pair first. */
function assign(tracks: readonly Track[], detections: readonly Detection[]): Map<Detection, Track> {
  const pairs: Pair[] = [];
  for (const track of tracks) {
    for (const detection of detections) {
      const likeness = likenessOf(track.box, detection.box);
      if (likeness > 0) pairs.push({ track, detection, likeness });
    }
  }
  pairs.sort((a, b) => b.likeness - a.likeness);
  const assigned = new Map<Detection, Track>();
  const taken = new Set<Track>();
  for (const { track, detection } of pairs) {
    if (assigned.has(detection) || taken.has(track)) continue;
    assigned.set(detection, track);
    taken.add(track);
  }
  return assigned;
}

/** Overlapping boxes rank (1..2) above near ones (0..1); 0: not the same face. */
function likenessOf(a: Box, b: Box): number {
  const shared = overlap(a, b);
  if (shared >= MIN_OVERLAP) return 1 + shared;
  const ratio = sideOf(a) / sideOf(b);
  if (ratio > MAX_SIZE_RATIO || ratio < 1 / MAX_SIZE_RATIO) return 0;
  const shift = Math.hypot(a.left + a.width / 2 - b.left - b.width / 2, a.top + a.height / 2 - b.top - b.height / 2) / sideOf(a);
  return Math.max(0, 1 - shift / MAX_SHIFT);
}
