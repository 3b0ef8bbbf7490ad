#!/usr/bin/python3
"""Makes the 8-bit network that ships from export.py's float32 one.

    quantize.py DATA FLOAT.onnx INT8.onnx [--pictures 256]

QDQ form (ONNX QuantizeLinear, opset 13): int8 weights per output channel, symmetric; uint8 activations per tensor, ranges
from the 0.01th to the 99.99th percentile over pictures of train.npz. The first convolution keeps float32 activations: it
costs little and sees the faces as they are. Calibration interprets the graph with torch, since Debian has no ONNX Runtime
for Python; the few operators that export.py writes are all it knows.
"""
import argparse

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

from model import load, split

LOW, HIGH = 0.0001, 0.9999


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def concat(inputs, a):
    return torch.cat(inputs, a["axis"])


def slice_rows(inputs, _):
    """Slice along axes with the given starts, ends and steps; a step of -1 mirrors."""
    x, starts, ends, axes = inputs[:4]
    steps = inputs[4] if len(inputs) > 4 else torch.ones_like(starts)
    for start, end, axis, step in zip(starts.tolist(), ends.tolist(), axes.tolist(), steps.tolist()):
        if step == -1:
            x = torch.flip(x, [axis])
        else:
            x = x.narrow(axis, start, min(end, x.shape[axis]) - start)
    return x


OPERATORS = {
    "Add": lambda i, a: i[0] + i[1],
    "Cast": lambda i, a: i[0],
    "Clip": lambda i, a: torch.clamp(i[0], i[1], i[2]),
    "Concat": concat,
    "Constant": lambda i, a: torch.tensor(numpy_helper.to_array(a["value"])),
    "Conv": lambda i, a: F.conv2d(i[0], i[1], i[2], stride=a["strides"][0], padding=a["pads"][0]),
    "Div": lambda i, a: i[0] // i[1] if i[0].dtype == torch.int64 else i[0] / i[1],
    "Gather": lambda i, a: i[0][i[1]],
    "Gemm": lambda i, a: i[0] @ (i[1].T if a.get("transB") else i[1]) + i[2],
    "Identity": lambda i, a: i[0],
    "Mul": lambda i, a: i[0] * i[1],
    "ReduceMean": lambda i, a: i[0].mean(tuple(a["axes"]), keepdim=bool(a.get("keepdims", 1))),
    "Relu": lambda i, a: torch.relu(i[0]),
    "Shape": lambda i, a: torch.tensor(i[0].shape),
    "Slice": slice_rows,
    "Sqrt": lambda i, a: torch.sqrt(i[0]),
    "Softmax": lambda i, a: torch.softmax(i[0], a.get("axis", -1)),
    "Sub": lambda i, a: i[0] - i[1],
    "Unsqueeze": lambda i, a: i[0].reshape(1) if i[0].dim() == 0 else i[0].unsqueeze(int(i[1])),
}


def run(graph, values):
    """Every value of the graph by name."""
    for node in graph.node:
        values[node.output[0]] = OPERATORS[node.op_type]([values[name] for name in node.input], attributes(node))
    return values


def ranges_of(graph, names, batches):
    """Least and greatest value of each named activation, but for the outermost ten-thousandths."""
    constants = {i.name: torch.tensor(numpy_helper.to_array(i)) for i in graph.initializer}
    ranges = {name: (0.0, 1e-6) for name in names}
    for batch in batches:
        values = run(graph, {**constants, graph.input[0].name: batch.float()})
        for name in names:
            flat = values[name].flatten().numpy()
            low, high = np.quantile(flat, (LOW, HIGH))
            ranges[name] = (min(ranges[name][0], float(low)), max(ranges[name][1], float(high)))
    return ranges


class Quantizer:
    """Writes the nodes of the QDQ graph."""

    def __init__(self, ranges):
        self.ranges, self.nodes, self.constants, self.done = ranges, [], [], {}

    def constant(self, array, name):
        self.constants.append(numpy_helper.from_array(np.array(array), name))
        return name

    def activation(self, name):
        if name not in self.done:
            low, high = self.ranges[name]
            scale = np.float32((high - low) / 255)
            zero = np.uint8(np.clip(round(-low / scale), 0, 255))
            names = [self.constant(scale, name + "_scale"), self.constant(zero, name + "_zero")]
            self.nodes.append(helper.make_node("QuantizeLinear", [name, *names], [name + "_q"]))
            self.nodes.append(helper.make_node("DequantizeLinear", [name + "_q", *names], [name + "_dq"]))
            self.done[name] = name + "_dq"
        return self.done[name]

    def weight(self, array, name):
        """Per row of the first axis: the output channel of a convolution, the class of the head."""
        rows = np.abs(array).reshape(len(array), -1).max(1)
        scale = np.maximum(rows / 127, 1e-12).astype(np.float32)
        shape = (-1,) + (1,) * (array.ndim - 1)
        quantized = np.clip(np.round(array / scale.reshape(shape)), -127, 127).astype(np.int8)
        names = [self.constant(quantized, name + "_q"), self.constant(scale, name + "_scale"),
                 self.constant(np.zeros(len(scale), np.int8), name + "_zero")]
        self.nodes.append(helper.make_node("DequantizeLinear", names, [name + "_dq"], axis=0))
        return name + "_dq"


def quantize(model, ranges):
    graph, writer = model.graph, Quantizer(ranges)
    weights = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    replaced = set()
    for node in graph.node:
        if node.op_type == "Conv":
            name = node.input[1]
            if weights[name].shape[1] > 1:
                node.input[0] = writer.activation(node.input[0])
            node.input[1] = writer.weight(weights[name], name)
            replaced.add(name)
        elif node.op_type == "Add" and all(name in ranges for name in node.input):
            node.input[0], node.input[1] = writer.activation(node.input[0]), writer.activation(node.input[1])
        writer.nodes.append(node)
    kept = [i for i in graph.initializer if i.name not in replaced]
    nodes = list(writer.nodes)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept + writer.constants)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def activations(graph):
    """What is read by convolutions, the first one apart, and by the additions that close a block."""
    constants = {i.name for i in graph.initializer}
    shapes = {i.name: i.dims for i in graph.initializer}
    made = {output: node for node in graph.node for output in node.output}
    names = {node.input[0] for node in graph.node if node.op_type == "Conv" and shapes[node.input[1]][1] > 1}
    for node in graph.node:
        sources = [made.get(name) for name in node.input]
        if node.op_type == "Add" and all(s is not None and s.op_type in ("Conv", "Relu") for s in sources):
            names.update(node.input)
    return sorted(names - constants)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("float32")
    parser.add_argument("int8")
    parser.add_argument("--pictures", type=int, default=256)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = onnx.load(args.float32)
    images, _, _ = load(f"{args.data}/train.npz")
    _, held_out = split(len(images))
    names = activations(model.graph)
    with torch.no_grad():
        ranges = ranges_of(model.graph, names, images[held_out[:args.pictures]].split(64))
    onnx.save(quantize(model, ranges), args.int8)
    print(f"{len(names)} activations, {len(model.SerializeToString())} bytes")


if __name__ == "__main__":
    main()
