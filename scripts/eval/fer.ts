import type { Frame } from '../../daemon/senses/perception/frame.ts';
import { argmax } from './classes.ts';
import { bytesOf, readNpz } from './npz.ts';

/** FER+ columns that are classes; after them come "unknown" and "not a face". */
export const CLASSES = ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'];
export const SIDE = 48;
export const PIXELS = SIDE * SIDE;
const EDGE = (SIDE - SIDE / 1.1) / 2;
/** The face in a picture: it shows this much more than the detector's box (models/own_fer.md). */
export const FACE = { left: EDGE, top: EDGE, width: SIDE / 1.1, height: SIDE / 1.1 };

export interface Faces {
  /** Grey 48x48 pictures, one after the other. */
  pixels: Uint8Array;
  /** Index of the class with most votes; the first of equals. */
  truth: number[];
}

/** x [n, 48, 48] uint8, v [n, 10] uint8 votes; rows that most voted unknown or not a face are left out. */
export function readFaces(file: string): Faces {
  const arrays = readNpz(file);
  const { data: pictures } = bytesOf(arrays, 'x');
  const { data: votes, shape } = bytesOf(arrays, 'v');
  const [rows = 0, columns = 0] = shape;
  const majority = Array.from({ length: rows }, (_, row) => argmax(votes.subarray(row * columns, (row + 1) * columns)));
  const known = majority.flatMap((vote, row) => (vote < CLASSES.length ? [row] : []));
  const pixels = new Uint8Array(known.length * PIXELS);
  for (const [i, row] of known.entries()) pixels.set(pictures.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS);
  return { pixels, truth: known.map((row) => majority[row] as number) };
}

/** The picture as a frame of its own. */
export function frameOf({ pixels }: Faces, index: number): Frame {
  const grey = pixels.subarray(index * PIXELS, (index + 1) * PIXELS);
  const data = new Uint8Array(3 * PIXELS);
  for (let plane = 0; plane < 3; plane++) data.set(grey, plane * PIXELS);
  return { data, width: SIDE, height: SIDE, at: 0 };
}
