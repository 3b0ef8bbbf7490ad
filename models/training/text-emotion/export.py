"""Writes the ONNX graph of the text-emotion model.

Inputs, for words and for letters: `*_rows` int64 [k], rows of the table (0 is the unknown), and `*_counts` float32 [k], how
often each feature occurs. Outputs: `probabilities` [7], each class by itself; `named` [7], 1 where the score is above the
class's threshold; `words` and `letters`, the sorted hashes of rows 1, 2, ... of the tables.

A row holds a weight for each class, as int16 with one scale per column, and its inverse document frequency. The graph weights
the rows as train.py does: (1 + ln count) * idf, each family of length 1.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES = 7


class Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array, name):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


def quantized(table):
    """int16 with a scale per column: int8 costs a tenth of a point of macro-F1, since few weights are large."""
    scale = np.maximum(np.abs(table).max(0) / 32767, 1e-12).astype(np.float32)
    return np.round(table / scale).astype(np.int16), scale


def with_unknown(rows):
    return np.concatenate([np.zeros_like(rows[:1]), rows])


def family_sum(graph, name, family, table):
    """The weighted sum of the rows of one family: [1, columns]."""
    rows, scale = quantized(with_unknown(table))
    graph.constant(rows, f"{name}_table")
    graph.constant(scale, f"{name}_scale")
    graph.constant(with_unknown(family.idf), f"{name}_idf")
    damped = graph.node("Add", [graph.node("Log", [f"{name}_counts"], f"{name}_log"), "one"], f"{name}_damped")
    idf = graph.node("Gather", [f"{name}_idf", f"{name}_rows"], f"{name}_idf_rows")
    weight = graph.node("Mul", [damped, idf], f"{name}_weight")
    square = graph.node("Mul", [weight, weight], f"{name}_square")
    total = graph.node("ReduceSum", [square], f"{name}_total", keepdims=0)
    length = graph.node("Max", [graph.node("Sqrt", [total], f"{name}_root"), "tiny"], f"{name}_length")
    unit = graph.node("Div", [weight, length], f"{name}_unit")
    line = graph.node("Unsqueeze", [unit, "first_axis"], f"{name}_line")
    taken = graph.node("Gather", [f"{name}_table", f"{name}_rows"], f"{name}_taken")
    real = graph.node("Cast", [taken], f"{name}_real", to=TensorProto.FLOAT)
    summed = graph.node("MatMul", [line, real], f"{name}_summed")
    return graph.node("Mul", [summed, f"{name}_scale"], f"{name}_sum")


def export(path, families, model, chosen):
    graph = Graph()
    graph.constant(np.float32(1), "one")
    graph.constant(np.float32(1e-6), "tiny")
    graph.constant(np.array([0]), "first_axis")
    cut = len(families[0].hashes)
    tables = model["weights"][:cut], model["weights"][cut:]
    sums = [family_sum(graph, name, family, table) for name, family, table in zip(("words", "letters"), families, tables)]
    scores = graph.node("Sum", [*sums, graph.constant(model["bias"], "bias")], "scores")
    above = graph.node("Greater", [scores, graph.constant(chosen["thresholds"], "thresholds")], "above")
    graph.node("Cast", [above], "named", to=TensorProto.UINT8)
    sloped = graph.node("Mul", [scores, graph.constant(chosen["slope"], "slope")], "sloped")
    graph.node("Sigmoid", [graph.node("Add", [sloped, graph.constant(chosen["offset"], "offset")], "logits")], "probabilities")
    for name, family in zip(("words", "letters"), families):
        graph.node("Identity", [graph.constant(family.hashes.astype(np.uint32), f"{name}_hashes")], name)

    inputs = [helper.make_tensor_value_info(f"{name}_{what}", kind, [f"{name}_count"])
              for name in ("words", "letters") for what, kind in (("rows", TensorProto.INT64), ("counts", TensorProto.FLOAT))]
    outputs = [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, CLASSES]),
               helper.make_tensor_value_info("named", TensorProto.UINT8, [1, CLASSES])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.UINT32, [len(family.hashes)])
                for name, family in zip(("words", "letters"), families)]
    model = helper.make_model(helper.make_graph(graph.nodes, "text-emotion", inputs, outputs, graph.constants),
                              opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
