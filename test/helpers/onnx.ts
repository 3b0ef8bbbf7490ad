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
