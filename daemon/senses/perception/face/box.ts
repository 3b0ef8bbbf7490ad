import type { Landmarks } from './landmarks.ts';

/** A rectangle in pixels of the frame; it may reach beyond the frame's edge. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A face as the detector gives it. */
export interface Detection {
  box: Box;
  /** 0..1 */
  score: number;
  /** Absent where the detector gives none. */
  landmarks?: Landmarks;
}

/** Intersection over union, 0..1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** Geometric mean of the sides, px: the size of a face whatever its proportions. */
export const sideOf = (box: Box): number => Math.sqrt(box.width * box.height);

/** Keeps the best-scored of every group of detections that overlap by more than `threshold`. Sorts `detections` in place, best first. */
export function suppressOverlaps(detections: Detection[], threshold: number): Detection[] {
  detections.sort((a, b) => b.score - a.score);
  const kept: Detection[] = [];
  for (const each of detections) {
    if (kept.every((other) => overlap(each.box, other.box) <= threshold)) kept.push(each);
  }
  return kept;
}
