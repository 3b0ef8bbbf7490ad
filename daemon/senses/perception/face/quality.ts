import { type Box, sideOf } from './box.ts';
import { type FaceContract, OWN_CONTRACT } from './contract.ts';
import { type Landmarks, poseOf } from './landmarks.ts';

/** The picture that quality is judged by. */
export const LOOK: FaceContract = OWN_CONTRACT;

/** Smaller faces, px, are counted but not read: seven of ten readings would be right at best. */
export const MIN_READABLE_SIDE = 20;

/**
 * Where each property of a face is as good as useless and where more of it helps no further, as measured on pictures of
 * FER+ valid that were made small, blurred, dark and noisy, or overexposed, and on those that are turned away: docs/face.md
 * has the figures. The share read right falls from .81 to a guess, .38, between the two.
 */
const RANGES = {
  /** Side of the face, px of the frame. */
  side: { useless: 8, enough: 36 },
  /** `sharpness` of the picture; its logarithm is what counts. */
  sharpness: { useless: 0.005, enough: 0.15 },
  /** Standard deviation of the picture's greys, of 255; its logarithm is what counts. In dim light the noise of the camera stays and the contrast goes. */
  contrast: { useless: 6, enough: 30 },
  /** Share of the picture that is blown out or black. */
  clipped: { useless: 0.85, enough: 0.25 },
  /** How far the nose lies off the middle, in distances of the eyes. */
  yaw: { useless: 1.5, enough: 0.25 },
  /** How far the nose lies from its usual place between eyes and mouth. */
  pitch: { useless: 0.5, enough: 0.15 },
};

/** `Pitch` of a face seen from the front: the median of FER+ valid. */
const USUAL_PITCH = 0.57;

/** Greys at and beyond which a pixel is clipped. */
const BLACK = 0;
const WHITE = 250;

/** How good each property of a face's picture is, 0..1. */
export interface QualityTerms {
  size: number;
  sharpness: number;
  light: number;
  /** 1 where the detector gives no landmarks. */
  pose: number;
}

interface Seen {
  box: Box;
  /** Of the detector, 0..1. */
  score: number;
  landmarks?: Landmarks;
}

/** Quality of a face's picture, 0..1: the worst of its terms, times the detector's score. `look` is the picture as `LOOK` asks for it. */
export function faceQuality(face: Seen, look: Float32Array): number {
  return Math.min(...Object.values(qualityTerms(face, look))) * face.score;
}

export function qualityTerms({ box, landmarks }: Omit<Seen, 'score'>, look: Float32Array): QualityTerms {
  const { sharpness, contrast, clipped } = lookAt(look);
  return {
    size: ramp(sideOf(box), RANGES.side),
    sharpness: logarithmicRamp(sharpness, RANGES.sharpness),
    light: Math.min(logarithmicRamp(contrast, RANGES.contrast), ramp(clipped, RANGES.clipped)),
    pose: landmarks ? poseQuality(landmarks) : 1,
  };
}

function poseQuality(landmarks: Landmarks): number {
  const { yaw, pitch } = poseOf(landmarks);
  return Math.min(ramp(Math.abs(yaw), RANGES.yaw), ramp(Math.abs(pitch - USUAL_PITCH), RANGES.pitch));
}

/**
 * Sharpness is the variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy") in
 * units of the picture's own variance, so that contrast and exposure cancel out; 0 for a flat picture.
 */
export function lookAt(look: Float32Array): { sharpness: number; contrast: number; clipped: number } {
  const { side } = LOOK;
  let [count, greys, squares, edges, edgeSquares, clipped] = [0, 0, 0, 0, 0, 0];
  for (let y = 1; y < side - 1; y++) {
    for (let i = y * side + 1; i < (y + 1) * side - 1; i++) {
      const here = look[i] as number;
      const edge = (look[i - 1] as number) + (look[i + 1] as number) + (look[i - side] as number) + (look[i + side] as number) - 4 * here;
      count++;
      greys += here;
      squares += here * here;
      edges += edge;
      edgeSquares += edge * edge;
      if (here <= BLACK || here >= WHITE) clipped++;
    }
  }
  const variance = Math.max(0, squares / count - (greys / count) ** 2);
  const edgeVariance = Math.max(0, edgeSquares / count - (edges / count) ** 2);
  return { sharpness: edgeVariance / (variance + 1), contrast: Math.sqrt(variance), clipped: clipped / count };
}

interface Range {
  useless: number;
  enough: number;
}

/** 0 at `useless`, 1 at `enough`, whichever of them is greater, and straight between. */
const ramp = (value: number, { useless, enough }: Range): number => Math.min(1, Math.max(0, (value - useless) / (enough - useless)));

const logarithmicRamp = (value: number, { useless, enough }: Range): number =>
  ramp(Math.log(Math.max(value, 1e-9)), { useless: Math.log(useless), enough: Math.log(enough) });
