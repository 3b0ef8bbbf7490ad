"""One trained network for use, with its normalizations folded into its convolutions."""
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper

from model import CLASSES, EmotionNet


class Conv(nn.Module):
    """A convolution with its normalization folded in."""

    def __init__(self, weight, bias, stride):
        super().__init__()
        self.conv = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], stride, weight.shape[2] // 2)
        self.conv.weight.data, self.conv.bias.data = weight, bias

    def forward(self, x):
        return self.conv(x)


class Block(nn.Module):
    def __init__(self, first, second, short):
        super().__init__()
        self.first, self.second, self.short = first, second, short

    def forward(self, x):
        y = self.second(torch.relu(self.first(x)))
        return torch.relu(y + (x if self.short is None else self.short(x)))


class Member(nn.Module):
    """One trained network for use: logits of normalized faces."""

    def __init__(self, stem, blocks, head):
        super().__init__()
        self.stem, self.blocks, self.head = stem, nn.Sequential(*blocks), head

    def forward(self, x):
        return self.head(self.blocks(torch.relu(self.stem(x))).mean((2, 3)))


def folded(conv, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return Conv(conv.weight * scale.view(-1, 1, 1, 1), norm.bias - norm.running_mean * scale, conv.stride)


def from_checkpoint(path):
    """The averaged weights of train.py, or the network that tune.py kept whole."""
    saved = torch.load(path)
    if isinstance(saved, Member):
        return saved.to(memory_format=torch.contiguous_format)
    net = EmotionNet()
    net.load_state_dict(saved["average"])
    net.eval()
    stem, norm, _, *residuals = net.features
    blocks = [Block(folded(r.conv1, r.norm1), folded(r.conv2, r.norm2), r.short and folded(*r.short)) for r in residuals]
    return Member(folded(stem, norm), blocks, net.head)


def from_onnx(path):
    """An exported network: its convolutions stand in the order of the blocks, a shortcut after the pair it belongs to."""
    graph = onnx.load(path).graph
    values = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    convs = []
    for node in graph.node:
        if node.op_type == "Conv":
            stride = next(a.ints[0] for a in node.attribute if a.name == "strides")
            convs.append(Conv(values[node.input[1]], values[node.input[2]], stride))
    stem, *rest = convs
    blocks = []
    while rest:
        first, second = rest.pop(0), rest.pop(0)
        short = rest.pop(0) if rest and rest[0].conv.weight.shape[2] == 1 else None
        blocks.append(Block(first, second, short))
    gemm = next(node for node in graph.node if node.op_type == "Gemm")
    head = nn.Linear(values[gemm.input[1]].shape[1], len(CLASSES))
    head.weight.data, head.bias.data = values[gemm.input[1]], values[gemm.input[2]]
    return Member(stem, blocks, head)
