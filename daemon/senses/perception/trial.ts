import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { RoomtoneError } from '../../api/errors.ts';
import type { Role } from '../protocol.ts';
import { type FaceContract, OWN_CONTRACT } from './face/contract.ts';
import { EmotionFold } from './face/labels.ts';
import type { ModelEntry } from './models.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

/** Of an output: its type, and the length of each axis. */
interface Expected {
  type: Tensor.Type;
  dims: readonly number[];
}

interface Trial {
  feeds: Tensors;
  outputs: Readonly<Record<string, Expected>>;
}

/** Of the pictures that the face detector gets from a camera of 640x360, px. */
const PICTURE = { width: 640, height: 384 };
const STRIDES = [8, 16, 32] as const;
/** Values of each cell: class, objectness, box, five landmarks. */
const MAPS = { cls: 1, obj: 1, bbox: 4, kps: 10 } as const;
const SAMPLE_RATE = 16_000;
/** Samples that Silero's network sees at a time, where a network does not fix it. */
const HEARD = 576;

/**
 * Runs a network once on what its role feeds it, at the size of ordinary work: whether it fits is known before the first
 * picture or sound, and two ways of running it can be compared.
 * @returns its outputs
 * @throws RoomtoneError `model.unfit`, with what differs
 */
export async function tryModel(entry: ModelEntry, session: InferenceSession): Promise<Tensors> {
  const unfit = (what: string, cause?: unknown) =>
    new RoomtoneError('model.unfit', { params: { model: entry.id, role: entry.role, what }, cause });
  let trial: Trial;
  try {
    trial = TRIALS[entry.role](entry, session);
  } catch (cause) {
    throw unfit(sentence(cause), cause);
  }
  const amiss = inputAmiss(trial.feeds, session) ?? namesAmiss('output', Object.keys(trial.outputs), session.outputNames);
  if (amiss) throw unfit(amiss);
  const outputs = (await session.run(trial.feeds, Object.keys(trial.outputs)).catch((cause: unknown) => {
    throw unfit(`it fails on what it is given (${sentence(cause)})`, cause);
  })) as Tensors;
  for (const [name, expected] of Object.entries(trial.outputs)) {
    const wrong = outputAmiss(name, expected, outputs[name]);
    if (wrong) throw unfit(wrong);
  }
  return outputs;
}

/** What a network of this role is given in ordinary work: the same numbers every time. */
export const ordinaryFeeds = (entry: ModelEntry, session: InferenceSession): Tensors => TRIALS[entry.role](entry, session).feeds;

/** The names a network is fed under and asked for, with the shapes of one ordinary run. */
const TRIALS: Readonly<Record<Role, (entry: ModelEntry, session: InferenceSession) => Trial>> = {
  'face-detection': (_entry, session) => {
    const [, , height, width] = shapeOf(session, 'input');
    const side = { width: fixed(width) ?? PICTURE.width, height: fixed(height) ?? PICTURE.height };
    const cells = (stride: number): number => (side.width / stride) * (side.height / stride);
    const maps = STRIDES.flatMap((stride) =>
      Object.entries(MAPS).map(([name, values]) => [`${name}_${stride}`, float(1, cells(stride), values)] as const),
    );
    return { feeds: { input: noise([1, 3, side.height, side.width], { low: 0, high: 255 }) }, outputs: Object.fromEntries(maps) };
  },
  'face-emotion': ({ labels, face = OWN_CONTRACT }, session) => {
    const classes = new EmotionFold(labels).classes;
    const { input, output } = only(session);
    const count = fixed(shapeOf(session, input)[0]) ?? 1;
    const dims = [count, face.color === 'grey' ? 1 : 3, face.side, face.side];
    return { feeds: { [input]: noise(dims, rangeOf(face)) }, outputs: { [output]: float(count, columnsOf(face, classes)) } };
  },
  'voice-activity': (_entry, session) => {
    const state = shapeOf(session, 'state').map((length) => fixed(length) ?? 1);
    const heard = fixed(shapeOf(session, 'input')[1]) ?? HEARD;
    const feeds: Record<string, Tensor> = { input: noise([1, heard], SOUND), state: noise(state, { low: 0, high: 0 }) };
    if (session.inputNames.includes('sr')) feeds.sr = new Tensor('int64', BigInt64Array.of(BigInt(SAMPLE_RATE)), []);
    return { feeds, outputs: { output: float(1, 1), stateN: float(...state) } };
  },
  'voice-arousal': () => ({ feeds: { samples: noise([1, 2 * SAMPLE_RATE], SOUND) }, outputs: { form: float(1, 1) } }),
  'voice-emotion': ({ labels }) => ({
    feeds: { samples: noise([1, 2 * SAMPLE_RATE], SOUND) },
    outputs: { probabilities: float(1, new EmotionFold(labels).classes) },
  }),
  'text-emotion': ({ labels }) => {
    const classes = new EmotionFold(labels).classes;
    const rows = new Tensor('int64', BigInt64Array.of(0n), [1]);
    const counts = new Tensor('float32', Float32Array.of(1), [1]);
    return {
      feeds: { words_rows: rows, words_counts: counts, letters_rows: rows, letters_counts: counts },
      outputs: { probabilities: float(1, classes), named: { type: 'uint8', dims: [1, classes] } },
    };
  },
};

const float = (...dims: number[]): Expected => ({ type: 'float32', dims });

/** Samples of somebody who speaks at an ordinary level. */
const SOUND = { low: -0.1, high: 0.1 };

/** What values of 0..255 become, at most. */
function rangeOf({ mean, std }: FaceContract): { low: number; high: number } {
  const [offset, scale] = [mean, std].map((each) => (typeof each === 'number' ? each : each[0])) as [number, number];
  return { low: (0 - offset) / scale, high: (255 - offset) / scale };
}

function columnsOf({ affect }: FaceContract, classes: number): number {
  return affect ? Math.max(classes, affect.valence + 1, affect.arousal + 1) : classes;
}

function only({ inputNames, outputNames }: InferenceSession): { input: string; output: string } {
  const [input, ...others] = inputNames;
  const [output] = outputNames;
  if (input === undefined || output === undefined || others.length > 0) throw new RangeError(`it has ${inputNames.length} inputs, not one`);
  return { input, output };
}

/** Lengths of the axes of an input; those that may vary are strings. */
function shapeOf(session: InferenceSession, input: string): readonly (number | string)[] {
  const metadata = session.inputMetadata.find(({ name }) => name === input);
  if (!metadata) throw new RangeError(`it has no input "${input}"; its inputs are ${quoted(session.inputNames)}`);
  return metadata.isTensor ? metadata.shape : [];
}

const fixed = (length: number | string | undefined): number | undefined => (typeof length === 'number' ? length : undefined);

/** The same numbers every time: two runs can be compared. */
function noise(dims: readonly number[], { low, high }: { low: number; high: number }): Tensor {
  const values = new Float32Array(dims.reduce((product, each) => product * each, 1));
  let seed = 1;
  for (let i = 0; i < values.length; i++) {
    // Park & Miller 1988, "minimal standard".
    seed = (seed * 48_271) % 2_147_483_647;
    values[i] = low + (seed / 2_147_483_647) * (high - low);
  }
  return new Tensor('float32', values, [...dims]);
}

function inputAmiss(feeds: Tensors, session: InferenceSession): string | null {
  const names = namesAmiss('input', Object.keys(feeds), session.inputNames);
  const foreign = session.inputNames.find((name) => !(name in feeds));
  if (names) return names;
  if (foreign !== undefined) return `it wants an input "${foreign}", which nothing gives it`;
  for (const metadata of session.inputMetadata) {
    const { type, dims } = feeds[metadata.name] as Tensor;
    if (!metadata.isTensor || metadata.type !== type) {
      return `its input "${metadata.name}" is ${metadata.isTensor ? metadata.type : 'no tensor'}, and ${type} is given`;
    }
    if (!fits(metadata.shape, dims))
      return `its input "${metadata.name}" has the shape [${metadata.shape.join(', ')}], and [${dims.join(', ')}] is given`;
  }
  return null;
}

/** A network that says nothing of a shape takes any. */
function fits(shape: readonly (number | string)[], dims: readonly number[]): boolean {
  if (shape.length === 0) return true;
  return shape.length === dims.length && dims.every((length, axis) => (fixed(shape[axis]) ?? length) === length);
}

function namesAmiss(kind: 'input' | 'output', wanted: readonly string[], names: readonly string[]): string | null {
  const lacking = wanted.find((name) => !names.includes(name));
  return lacking === undefined ? null : `it has no ${kind} "${lacking}"; its ${kind}s are ${quoted(names)}`;
}

function outputAmiss(name: string, expected: Expected, output: Tensor | undefined): string | null {
  const is = (tensor: Expected): string => `${tensor.type} [${tensor.dims.join(', ')}]`;
  if (!output || is(output) !== is(expected)) return `its output "${name}" is ${output ? is(output) : 'absent'}, not ${is(expected)}`;
  const finite = output.type !== 'float32' || (output.data as Float32Array).every(Number.isFinite);
  return finite ? null : `its output "${name}" holds numbers that are not finite`;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const sentence = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
