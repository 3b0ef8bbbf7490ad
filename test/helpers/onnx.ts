/** Writes small ONNX files (onnx.proto3, opset 13), so that networks of any shape can be had where nothing can be downloaded. */

export interface OnnxNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
}

export interface OnnxGraph {
  /** Shapes of float32 values; a name stands for a length that may be any. */
  input: { name: string; shape: readonly (number | string)[] };
  output: { name: string; shape: readonly (number | string)[] };
  nodes: readonly OnnxNode[];
  constants: readonly { name: string; shape: readonly number[]; values: readonly number[] }[];
}

const FLOAT = 1;

export function onnxModel({ input, output, nodes, constants }: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap((node) => message(1, nodeOf(node))),
    ...text(2, 'graph'),
    ...constants.flatMap((constant) => message(5, tensorOf(constant))),
    ...message(11, infoOf(input)),
    ...message(12, infoOf(output)),
  ];
  return Uint8Array.from([...number(1, 8), ...message(8, [...text(1, ''), ...number(2, 13)]), ...message(7, graph)]);
}

const nodeOf = ({ op, inputs, outputs }: OnnxNode): number[] => [
  ...inputs.flatMap((name) => text(1, name)),
  ...outputs.flatMap((name) => text(2, name)),
  ...text(4, op),
];

const tensorOf = ({ name, shape, values }: OnnxGraph['constants'][number]): number[] => [
  ...shape.flatMap((length) => number(1, length)),
  ...number(2, FLOAT),
  ...text(8, name),
  ...message(9, [...new Uint8Array(Float32Array.from(values).buffer)]),
];

function infoOf({ name, shape }: OnnxGraph['input']): number[] {
  const dimensions = shape.flatMap((length) => message(1, typeof length === 'number' ? number(1, length) : text(2, length)));
  return [...text(1, name), ...message(2, message(1, [...number(1, FLOAT), ...message(2, dimensions)]))];
}

/** Protocol Buffers' wire format: a key of field number and wire type, then the value. */
const number = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)];
const message = (field: number, body: readonly number[]): number[] => [...varint((field << 3) | 2), ...varint(body.length), ...body];
const text = (field: number, value: string): number[] => message(field, [...new TextEncoder().encode(value)]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

export interface TinyNetwork {
  /** Of the picture: channels and side. */
  channels: number;
  side: number;
  /** Numbers that it gives for each picture. */
  columns: number;
  input?: string;
  output?: string;
  /** Pictures of every run; absent: any number. */
  batch?: number;
  /** What it gives for a black picture, column by column; 0 unless given. */
  bias?: readonly number[];
  /** Whether the numbers are a distribution. */
  softmax?: boolean;
}

/** A network with the inputs and outputs of one that reads pictures: weighted sums of the means of its channels. */
export function tinyNetwork(network: TinyNetwork): Uint8Array<ArrayBuffer> {
  const { channels, side, columns, input = 'input', output = 'output', batch = 'n', bias = [], softmax = false } = network;
  const scores = softmax ? 'scores' : output;
  return onnxModel({
    input: { name: input, shape: [batch, channels, side, side] },
    output: { name: output, shape: [batch, columns] },
    nodes: [
      { op: 'GlobalAveragePool', inputs: [input], outputs: ['means'] },
      { op: 'Flatten', inputs: ['means'], outputs: ['rows'] },
      { op: 'Gemm', inputs: ['rows', 'weights', 'bias'], outputs: [scores] },
      ...(softmax ? [{ op: 'Softmax', inputs: [scores], outputs: [output] }] : []),
    ],
    constants: [
      { name: 'weights', shape: [channels, columns], values: Array.from({ length: channels * columns }, (_, i) => ((i % 5) - 2) / 1000) },
      { name: 'bias', shape: [columns], values: Array.from({ length: columns }, (_, i) => bias[i] ?? 0) },
    ],
  });
}
