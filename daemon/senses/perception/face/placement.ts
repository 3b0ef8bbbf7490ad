import { type Box, sideOf } from './box.ts';
import type { FaceContract } from './contract.ts';
import { type Landmarks, type Point, rollOf } from './landmarks.ts';

/**
 * Where a square picture lies in a frame: its point (u, v), in pixels of the picture from its left upper corner, is the
 * frame's (a u - b v + x, b u + a v + y). Turns and scales, nothing else.
 */
export interface Placement {
  a: number;
  b: number;
  x: number;
  y: number;
}

/** The five landmarks, in the order of `Landmarks`, in ArcFace's 112 px pictures (Deng et al. 2019, insightface `face_align.py`). */
const ARCFACE: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];
const ARCFACE_SIDE = 112;

/** Where the picture of a face lies that a network with this contract wants to see. Without landmarks nothing is turned. */
export function placementOf(
  face: { box: Box; landmarks?: Landmarks | undefined },
  contract: Pick<FaceContract, 'side' | 'margin' | 'alignment'>,
): Placement {
  const { box, landmarks } = face;
  if (landmarks && contract.alignment === 'five-points') {
    const points = [landmarks.rightEye, landmarks.leftEye, landmarks.nose, landmarks.rightMouth, landmarks.leftMouth];
    const scale = contract.side / ARCFACE_SIDE;
    const place = similarity(
      ARCFACE.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
      points,
    );
    if (isPlausible(place, box, contract.side)) return place;
  }
  const roll = landmarks && contract.alignment === 'upright' ? rollOf(landmarks) : 0;
  return squareAround(box, contract, Number.isFinite(roll) ? roll : 0);
}

/** The points of a bad detection may lie anywhere. */
function isPlausible({ a, b }: Placement, box: Box, side: number): boolean {
  const ratio = (Math.hypot(a, b) * side) / sideOf(box);
  return ratio > 0.5 && ratio < 3;
}

function squareAround(box: Box, { side, margin }: { side: number; margin: number }, angle: number): Placement {
  const scale = (sideOf(box) * margin) / side;
  const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const half = side / 2;
  return { a, b, x: box.left + box.width / 2 - a * half + b * half, y: box.top + box.height / 2 - b * half - a * half };
}

/** The turn, scale and shift that bring `from` onto `to` with least squares (Umeyama 1991, for the plane and without reflection). */
export function similarity(from: readonly Point[], to: readonly Point[]): Placement {
  const [f, t] = [centroid(from), centroid(to)];
  let [dot, cross, spread] = [0, 0, 0];
  for (const [i, p] of from.entries()) {
    const q = to[i] as Point;
    const [u, v] = [p.x - f.x, p.y - f.y];
    dot += u * (q.x - t.x) + v * (q.y - t.y);
    cross += u * (q.y - t.y) - v * (q.x - t.x);
    spread += u * u + v * v;
  }
  const [a, b] = [dot / spread, cross / spread];
  return { a, b, x: t.x - a * f.x + b * f.y, y: t.y - b * f.x - a * f.y };
}

function centroid(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
