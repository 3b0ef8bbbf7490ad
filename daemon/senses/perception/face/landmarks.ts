/** In pixels of the frame. */
export interface Point {
  x: number;
  y: number;
}

/** Right and left are the person's own, so that the right eye is on the left of the picture. */
export interface Landmarks {
  rightEye: Point;
  leftEye: Point;
  nose: Point;
  rightMouth: Point;
  leftMouth: Point;
}

/** Where a head is turned, as far as five points in the plane tell. */
export interface Pose {
  /** Radians, clockwise as seen in the picture: the angle of the line through the eyes. */
  roll: number;
  /** How far the tip of the nose lies off the middle of the face, in distances of the eyes: 0 from the front, positive to the right of the picture. */
  yaw: number;
  /** Where the nose lies between the line of the eyes (0) and that of the mouth (1): about 0.57 from the front, less with the head raised. */
  pitch: number;
}

/** Middle between two points. */
export const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** Clockwise angle of the line through the eyes, radians. */
export const rollOf = ({ rightEye, leftEye }: Landmarks): number => Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x);

/** The pose that five landmarks suggest; every number is finite. */
export function poseOf(face: Landmarks): Pose {
  const roll = rollOf(face);
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const eyes = middle(face.rightEye, face.leftEye);
  const upright = ({ x, y }: Point): Point => ({
    x: (x - eyes.x) * cos + (y - eyes.y) * sin,
    y: (y - eyes.y) * cos - (x - eyes.x) * sin,
  });
  const nose = upright(face.nose);
  const mouth = upright(middle(face.rightMouth, face.leftMouth));
  const apart = Math.max(1, Math.hypot(face.leftEye.x - face.rightEye.x, face.leftEye.y - face.rightEye.y));
  const pitch = nose.y / Math.max(1, mouth.y);
  return { roll, yaw: (nose.x - (mouth.x * nose.y) / Math.max(1, mouth.y)) / apart, pitch };
}
