import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Probabilities } from '../../../mood/emotion.ts';
import { CROP_SIDE } from './crop.ts';
import { EmotionFold } from './labels.ts';

/** Faces of one frame that are read at most; a crowd is counted, not read. */
export const MAX_FACES = 16;

const PIXELS = CROP_SIDE * CROP_SIDE;

/**
 * The facial-emotion network: grey squares, 0..255, shape [n, 1, 48, 48], to class probabilities [n, classes]. All faces of
 * a frame go through in one run. One instance serves one camera: write the faces to `slot(0..n-1)`, then `classify(n)`.
 */
export class EmotionNet {
  readonly #session: InferenceSession;
  readonly #fold: EmotionFold;
  readonly #input = new Float32Array(MAX_FACES * PIXELS);
  readonly #tensors: Tensor[] = [];
  readonly #slots: Float32Array[];

  /** @throws RangeError where `labels` hold a class that stands for no emotion */
  constructor(session: InferenceSession, labels: readonly string[]) {
    this.#session = session;
    this.#fold = new EmotionFold(labels);
    this.#slots = Array.from({ length: MAX_FACES }, (_, i) => this.#input.subarray(i * PIXELS, (i + 1) * PIXELS));
    for (let n = 1; n <= MAX_FACES; n++) {
      this.#tensors.push(new Tensor('float32', this.#input.subarray(0, n * PIXELS), [n, 1, CROP_SIDE, CROP_SIDE]));
    }
  }

  /** Where the picture of the face with this index is written, row by row. */
  slot(index: number): Float32Array {
    const slot = this.#slots[index];
    if (!slot) throw new RangeError(`a batch has ${MAX_FACES} faces at most`);
    return slot;
  }

  /** Emotions of the first `count` slots. */
  async classify(count: number): Promise<Probabilities[]> {
    const classes = await this.infer(count);
    return Array.from({ length: count }, (_, i) => this.#fold.fold(classes.subarray(i * this.#fold.classes, (i + 1) * this.#fold.classes)));
  }

  /** Runs the network alone: what `classify` costs without our own share. */
  async infer(count: number): Promise<Float32Array> {
    const { inputNames, outputNames } = this.#session;
    const values = await this.#session.run({ [inputNames[0] as string]: this.#tensors[count - 1] as Tensor });
    return (values[outputNames[0] as string] as Tensor).data as Float32Array;
  }
}
