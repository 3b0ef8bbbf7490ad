/** One picture, held only while it is read. */
export interface Frame {
  /** Planar G, B, R bytes as ffmpeg's pix_fmt gbrp gives them: height * width bytes each, in that order. */
  data: Uint8Array;
  width: number;
  height: number;
  /** When it arrived, mono ms. */
  at: number;
}

/** What the newest frame told of the room: whether more frames are worth their cost. */
export interface Activity {
  /** Something moved between it and an earlier one; true for the first. */
  moved: boolean;
  /** Faces in view when they were last looked for. */
  faces: number;
}
