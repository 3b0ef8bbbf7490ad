import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Frame } from '../frame.ts';
import { Pixels } from '../pixels/pixels.ts';
import { type Detection, sideOf, suppressOverlaps } from './box.ts';
import type { Landmarks, Point } from './landmarks.ts';

const STRIDES = [8, 16, 32] as const;
/** The network halves its input five times: sides must be multiples of this. */
const GRANULE = 32;
const OVERLAP_THRESHOLD = 0.3;
/** Candidates that go into the suppression at most, so that a hostile picture cannot make it slow. */
const MAX_CANDIDATES = 400;
/** A face larger than this many frames is none: nobody should spend an hour cutting it out. */
const MAX_SIDES = 2;

export interface DetectorOptions {
  /** Detections below it are dropped, 0..1. */
  minScore?: number;
  /** A frame with a longer side, in px, is averaged down by a whole factor first: bounds the cost. */
  maxSide?: number;
  pixels?: Pixels;
}

/**
 * YuNet (Wu, Peng & Yu 2023, "YuNet: a tiny millisecond-level face detector"). Input: BGR 0..255, planar. At each stride s
 * of 8, 16, 32 every cell (col, row) gives class and objectness scores, a box (dx, dy, dw, dh) and five landmarks (kx, ky):
 * score = sqrt(cls * obj), centre = ((col + dx) * s, (row + dy) * s), size = (exp(dw) * s, exp(dh) * s), landmark =
 * ((col + kx) * s, (row + ky) * s), as OpenCV's FaceDetectorYN decodes it.
 *
 * One instance serves one camera, one frame at a time: its input tensor is filled anew for each. Models exported with a
 * fixed input size and with a dynamic one both work.
 */
export class FaceDetector {
  readonly #session: InferenceSession;
  readonly #minScore: number;
  readonly #maxSide: number;
  readonly #pixels: Pixels;
  readonly #fixed: { width: number; height: number } | null;
  readonly #plans = new Map<number, Plan>();
  #plan: Plan | null = null;

  constructor(session: InferenceSession, options: DetectorOptions = {}) {
    this.#session = session;
    this.#minScore = options.minScore ?? 0.7;
    this.#maxSide = options.maxSide ?? 640;
    this.#pixels = options.pixels ?? new Pixels();
    this.#fixed = fixedSize(session);
  }

  /** Faces of the frame, best score first. With a `shrink` of 2 they are looked for in a picture of half the sides. */
  async detect(frame: Frame, { shrink = 1 } = {}): Promise<Detection[]> {
    const plan = this.#planFor(frame, shrink);
    this.#plan = plan;
    fillInput(plan, frame, this.#pixels);
    return this.#decode(await this.infer(), plan);
  }

  /** How many px of the frame are one to the network, without shrinking; null where the network's input has one size only. */
  scale(frame: Frame): number | null {
    return this.#fixed ? null : this.#planFor(frame, 1).factor;
  }

  /** Runs the network alone on what the input tensor holds: what `detect` costs without our own share. */
  async infer(): Promise<InferenceSession.OnnxValueMapType> {
    if (!this.#plan) throw new TypeError('infer() needs a frame to have been detected before');
    return await this.#session.run({ input: this.#plan.tensor }, this.#plan.outputs);
  }

  #planFor(frame: Frame, shrink: number): Plan {
    const made = this.#plans.get(shrink);
    if (made?.frameWidth === frame.width && made.frameHeight === frame.height) return made;
    const plan = makePlan(frame, { fixed: this.#fixed, maxSide: this.#maxSide, shrink });
    this.#plans.set(shrink, plan);
    return plan;
  }

  #decode(values: InferenceSession.OnnxValueMapType, plan: Plan): Detection[] {
    const candidates: Detection[] = [];
    for (const stride of STRIDES) {
      this.#decodeStride(
        {
          stride,
          columns: plan.width / stride,
          classes: floats(values, `cls_${stride}`),
          objects: floats(values, `obj_${stride}`),
          boxes: floats(values, `bbox_${stride}`),
          points: floats(values, `kps_${stride}`),
          factor: plan.factor,
          largest: MAX_SIDES * Math.max(plan.frameWidth, plan.frameHeight),
        },
        candidates,
      );
    }
    return suppressOverlaps(strongest(candidates), OVERLAP_THRESHOLD);
  }

  #decodeStride(map: StrideMap, into: Detection[]): void {
    const least = this.#minScore * this.#minScore;
    const cells = map.classes.length;
    for (let cell = 0; cell < cells; cell++) {
      const squared = clampUnit(map.classes[cell] as number) * clampUnit(map.objects[cell] as number);
      if (squared < least) continue;
      const box = boxOf(map, cell);
      if (sideOf(box) <= map.largest && Number.isFinite(box.left + box.top))
        into.push({ box, score: Math.sqrt(squared), landmarks: landmarksOf(map, cell) });
    }
  }
}

/** What stays the same from frame to frame of one size. */
interface Plan {
  frameWidth: number;
  frameHeight: number;
  /** Frame pixels per tensor pixel along each side. */
  factor: number;
  /** Of the tensor */
  width: number;
  height: number;
  input: Float32Array;
  tensor: Tensor;
  outputs: Record<string, Tensor>;
}

interface StrideMap {
  stride: number;
  columns: number;
  classes: Float32Array;
  objects: Float32Array;
  boxes: Float32Array;
  points: Float32Array;
  factor: number;
  /** Side of a face, px, above which it is none. */
  largest: number;
}

interface Bounds {
  fixed: { width: number; height: number } | null;
  maxSide: number;
  shrink: number;
}

function makePlan(frame: Frame, { fixed, maxSide, shrink }: Bounds): Plan {
  const wanted = fixed ?? { width: maxSide, height: maxSide };
  const factor = shrink * Math.max(1, Math.ceil(frame.width / wanted.width), Math.ceil(frame.height / wanted.height));
  const width = fixed?.width ?? roundUp(Math.floor(frame.width / factor), GRANULE);
  const height = fixed?.height ?? roundUp(Math.floor(frame.height / factor), GRANULE);
  const input = new Float32Array(3 * width * height);
  const tensor = new Tensor('float32', input, [1, 3, height, width]);
  return {
    frameWidth: frame.width,
    frameHeight: frame.height,
    factor,
    width,
    height,
    input,
    tensor,
    outputs: outputTensors(width, height),
  };
}

/** Output tensors made once. */
function outputTensors(width: number, height: number): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {};
  for (const stride of STRIDES) {
    const cells = (width / stride) * (height / stride);
    for (const [name, values] of [
      ['cls', 1],
      ['obj', 1],
      ['bbox', 4],
      ['kps', 10],
    ] as const) {
      outputs[`${name}_${stride}`] = new Tensor('float32', new Float32Array(cells * values), [1, cells, values]);
    }
  }
  return outputs;
}

/** Planes of a frame in the order the network wants them: blue, green, red; ffmpeg's gbrp has green first. */
const PLANES_BGR = [1, 0, 2] as const;

function fillInput(plan: Plan, frame: Frame, pixels: Pixels): void {
  const size = frame.width * frame.height;
  for (const [channel, plane] of PLANES_BGR.entries()) {
    const source = frame.data.subarray(plane * size, (plane + 1) * size);
    const target = plan.input.subarray(channel * plan.width * plan.height, (channel + 1) * plan.width * plan.height);
    if (plan.factor > 2) shrinkPlane(plan, source, target);
    else if (plan.factor === 2) copyRows(pixels.halves(frame, plane), { width: frame.width >> 1, toWidth: plan.width, target });
    else copyRows(source, { width: frame.width, toWidth: plan.width, target });
  }
}

/** Rows of `width` values at the beginnings of rows of `toWidth`. */
function copyRows(
  source: Uint8Array | Float32Array,
  { width, toWidth, target }: { width: number; toWidth: number; target: Float32Array },
): void {
  if (width === toWidth) target.set(source);
  else for (let from = 0, to = 0; from < source.length; from += width, to += toWidth) target.set(source.subarray(from, from + width), to);
}

/** Means of blocks of factor x factor pixels. */
function shrinkPlane(plan: Plan, source: Uint8Array, target: Float32Array): void {
  const { factor, frameWidth } = plan;
  const columns = Math.floor(frameWidth / factor);
  const rows = Math.floor(plan.frameHeight / factor);
  const share = 1 / (factor * factor);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * factor; y < (row + 1) * factor; y++) {
        const start = y * frameWidth + column * factor;
        for (let x = start; x < start + factor; x++) sum += source[x] as number;
      }
      target[row * plan.width + column] = sum * share;
    }
  }
}

function boxOf(map: StrideMap, cell: number): Detection['box'] {
  const { boxes, stride, columns, factor } = map;
  const scale = stride * factor;
  const width = Math.exp(boxes[cell * 4 + 2] as number) * scale;
  const height = Math.exp(boxes[cell * 4 + 3] as number) * scale;
  const x = ((cell % columns) + (boxes[cell * 4] as number)) * scale;
  const y = (Math.floor(cell / columns) + (boxes[cell * 4 + 1] as number)) * scale;
  return { left: x - width / 2, top: y - height / 2, width, height };
}

function landmarksOf({ points, stride, columns, factor }: StrideMap, cell: number): Landmarks {
  const scale = stride * factor;
  const point = (index: number): Point => ({
    x: ((cell % columns) + (points[cell * 10 + 2 * index] as number)) * scale,
    y: (Math.floor(cell / columns) + (points[cell * 10 + 2 * index + 1] as number)) * scale,
  });
  return { rightEye: point(0), leftEye: point(1), nose: point(2), rightMouth: point(3), leftMouth: point(4) };
}

function strongest(candidates: Detection[]): Detection[] {
  if (candidates.length <= MAX_CANDIDATES) return candidates;
  return candidates.sort((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
}

function fixedSize(session: InferenceSession): { width: number; height: number } | null {
  const input = session.inputMetadata[0];
  if (!input?.isTensor) return null;
  const [, , height, width] = input.shape;
  return typeof height === 'number' && typeof width === 'number' ? { width, height } : null;
}

const floats = (values: InferenceSession.OnnxValueMapType, name: string): Float32Array => (values[name] as Tensor).data as Float32Array;
const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
const clampUnit = (value: number): number => Math.min(1, Math.max(0, value));
