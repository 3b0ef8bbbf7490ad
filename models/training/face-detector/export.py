#!/usr/bin/python3
"""Writes the trained face detector as ONNX, with the inputs, outputs and threshold of YuNet.

    export.py WORK

WORK gets detector.onnx, float32, and export.json. Normalizations and scale are folded into the convolutions. The scores are
shifted so that 0.7, below which the program sees no face, is the threshold at which dev.py counts one false alarm in 100 frames.
"""
import argparse
import json
import math

import torch
import torch.nn as nn

from dev import judge, load_dev
from model import STRIDES, FaceNet

PROGRAM_THRESHOLD = 0.7


def fold(module):
    """Every normalization of the module becomes part of the convolution before it."""
    for child in module.children():
        fold(child)
    if isinstance(module, nn.Sequential) and len(module) == 3 and isinstance(module[1], nn.BatchNorm2d):
        module[0], module[1] = folded(module[0], module[1]), nn.Identity()
    elif hasattr(module, "norm"):
        module.conv, module.norm = folded(module.conv, module.norm), nn.Identity()


def folded(conv, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    result = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
    result.weight.data = conv.weight.data * scale.view(-1, 1, 1, 1)
    result.bias.data = norm.bias.data - norm.running_mean * scale
    return result


class Exported(nn.Module):
    """[1,3,h,w] -> cls_S and obj_S, whose product the program takes the root of, bbox_S and kps_S, each [1, cells, values]."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        scores, boxes, points = [], [], []
        for level in self.net(x):
            values = level.permute(0, 2, 3, 1).reshape(1, -1, level.shape[1])
            scores.append(torch.sigmoid(values[..., :1]))
            boxes.append(values[..., 1:5])
            points.append(values[..., 5:])
        # Objectness is the score again: one head says both.
        return (*scores, *(score * 1.0 for score in scores), *boxes, *points)


def names():
    return [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    args = parser.parse_args()
    torch.set_num_threads(1)
    net = FaceNet()
    net.load_state_dict(torch.load(f"{args.work}/detector.pt")["average"])
    net.eval()
    chosen = judge(net, load_dev(args.work))
    fold(net)
    net.trunk[0][0].weight.data *= net.SCALE
    net.scale = 1.0
    net.head.bias.data[0] += math.log(PROGRAM_THRESHOLD / (1 - PROGRAM_THRESHOLD)) - chosen["threshold"]
    print(json.dumps(chosen, indent=1))
    with open(f"{args.work}/export.json", "w") as file:
        json.dump(chosen, file, indent=1)
    axes = {"input": {2: "height", 3: "width"}, **{name: {1: f"cells_{name.split('_')[1]}"} for name in names()}}
    torch.onnx.export(Exported(net).eval(), torch.zeros(1, 3, 96, 160), f"{args.work}/detector.onnx", input_names=["input"],
                      output_names=names(), dynamic_axes=axes, opset_version=13)


if __name__ == "__main__":
    main()
