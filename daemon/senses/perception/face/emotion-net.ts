import { isDeepStrictEqual } from 'node:util';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { RoomtoneError } from '../../../api/errors.ts';
import type { Affect, Probabilities } from '../../../mood/emotion.ts';
import type { Frame } from '../frame.ts';
import type { Pixels } from '../pixels/pixels.ts';
import type { Box } from './box.ts';
import { type FaceContract, OWN_CONTRACT } from './contract.ts';
import { FaceCropper } from './crop.ts';
import { EmotionFold } from './labels.ts';
import type { Landmarks } from './landmarks.ts';
import { placementOf } from './placement.ts';

/** Faces of one frame that are read at most; a crowd is counted, not read. */
export const MAX_FACES = 16;

/** What of a contract makes the picture. */
const PICTURE = ['side', 'color', 'mean', 'std', 'margin', 'alignment'] as const satisfies readonly (keyof FaceContract)[];

/** The description of a facial-emotion model, as far as it tells how to use it. */
export interface EmotionModel {
  id: string;
  /** Classes in the order of the output's first columns. */
  labels: readonly string[];
  /** Absent: as our own networks. */
  face?: FaceContract | undefined;
}

export interface FaceReading {
  probabilities: Probabilities;
  /** Only where the network reads it itself. */
  affect?: Affect;
}

/**
 * A facial-emotion network of any contract. All faces of a frame go through in one run, unless the network takes a fixed
 * number at a time. One instance serves one camera: `put` the faces at 0..n-1, then `classify(n)`.
 */
export class EmotionNet {
  readonly #session: InferenceSession;
  readonly #model: string;
  readonly #contract: FaceContract;
  readonly #fold: EmotionFold;
  readonly #cropper: FaceCropper;
  readonly #input: Float32Array;
  readonly #shape: readonly number[];
  /** Faces of every run; null where it may be any number. */
  readonly #batch: number | null;

  /** @throws RoomtoneError `model.invalid` where a label stands for no emotion, or the input has another shape than is said */
  constructor(session: InferenceSession, { id, labels, face = OWN_CONTRACT }: EmotionModel, pixels?: Pixels) {
    this.#session = session;
    this.#model = id;
    this.#contract = face;
    this.#cropper = new FaceCropper(face, pixels);
    this.#shape = [this.#cropper.channels, face.side, face.side];
    const [batch, ...shape] = inputShape(session);
    if (shape.some((length, i) => typeof length === 'number' && length !== this.#shape[i])) {
      throw this.#invalid(`it reads pictures of ${shape.join(' x ')}, not of ${this.#shape.join(' x ')}`);
    }
    this.#batch = typeof batch === 'number' ? batch : null;
    const slots = Math.ceil(MAX_FACES / (this.#batch ?? 1)) * (this.#batch ?? 1);
    this.#input = new Float32Array(slots * this.#cropper.length);
    try {
      this.#fold = new EmotionFold(labels);
    } catch (cause) {
      throw this.#invalid(cause instanceof Error ? cause.message : String(cause));
    }
  }

  /** Whether its pictures are those that another contract asks for. */
  sees(other: FaceContract): boolean {
    return PICTURE.every((field) => isDeepStrictEqual(this.#contract[field], other[field]));
  }

  /** Cuts a face out of the frame, to be the one with this index, and shows its picture: channels x side x side. */
  put(index: number, frame: Frame, face: { box: Box; landmarks?: Landmarks | undefined }): Float32Array {
    if (index >= MAX_FACES) throw new RangeError(`a batch has ${MAX_FACES} faces at most`);
    const { length } = this.#cropper;
    const picture = this.#input.subarray(index * length, (index + 1) * length);
    this.#cropper.crop(frame, placementOf(face, this.#contract), picture);
    return picture;
  }

  /** What the first `count` faces show. @throws RoomtoneError `model.invalid` where the output is not as described */
  async classify(count: number): Promise<FaceReading[]> {
    const { affect } = this.#contract;
    return (await this.#rows(count)).map((row) => ({
      probabilities: this.#fold.fold(this.#shares(row)),
      ...(affect && { affect: { valence: signedUnit(row[affect.valence]), arousal: signedUnit(row[affect.arousal]) } }),
    }));
  }

  /** Class probabilities of the first `count` faces, in the order of the labels. @throws as `classify` */
  async classes(count: number): Promise<number[][]> {
    return (await this.#rows(count)).map((row) => this.#shares(row));
  }

  /** One row of the output for each face. */
  async #rows(count: number): Promise<Float32Array[]> {
    const batch = this.#batch ?? count;
    const rows: Float32Array[] = [];
    for (let first = 0; first < count; first += batch) {
      const values = await this.#run(first, batch);
      const columns = values.length / batch;
      this.#check(columns);
      for (let i = 0; i < Math.min(batch, count - first); i++) rows.push(values.subarray(i * columns, (i + 1) * columns));
    }
    return rows;
  }

  async #run(first: number, batch: number): Promise<Float32Array> {
    const { length } = this.#cropper;
    const faces = this.#input.subarray(first * length, (first + batch) * length);
    const { inputNames, outputNames } = this.#session;
    const values = await this.#session.run({ [inputNames[0] as string]: new Tensor('float32', faces, [batch, ...this.#shape]) });
    return (values[outputNames[0] as string] as Tensor).data as Float32Array;
  }

  #check(columns: number): void {
    const { affect } = this.#contract;
    const needed = Math.max(this.#fold.classes, ...(affect ? [affect.valence + 1, affect.arousal + 1] : []));
    if (!Number.isInteger(columns) || columns < needed) throw this.#invalid(`its output has ${columns} columns, and ${needed} are needed`);
  }

  /** The class columns of a row as probabilities. */
  #shares(row: Float32Array): number[] {
    const scores = [...row.subarray(0, this.#fold.classes)];
    return this.#contract.scores === 'logits' ? softmax(scores) : scores;
  }

  #invalid(what: string): RoomtoneError {
    return new RoomtoneError('model.invalid', { params: { model: this.#model, what } });
  }
}

function inputShape(session: InferenceSession): readonly (number | string)[] {
  const input = session.inputMetadata[0];
  return input?.isTensor ? input.shape : [];
}

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((power) => power / total);
}

const signedUnit = (value = Number.NaN): number => Math.max(-1, Math.min(1, value));
