/** One picture, held only while it is read. */
export interface Frame {
  /** Planar G, B, R bytes as ffmpeg's pix_fmt gbrp gives them: height * width bytes each, in that order. */
  data: Uint8Array;
  width: number;
  height: number;
  /** When it arrived, mono ms. */
  at: number;
}
