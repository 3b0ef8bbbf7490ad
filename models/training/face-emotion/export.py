#!/usr/bin/python3
"""Puts trained members together into one ONNX network: light, face and mirror image, all members, one softmax.

    export.py DATA OUT MEMBER.pt ...

A member is a checkpoint of train.py; one is enough. OUT gets face-emotion.onnx (float32) and export.json. The temperature
and the offset of sadness are chosen here, on the held-out rows of train.npz: the temperature of least loss, and the
smallest offset that finds the wanted share of sad faces, which read as neutral without it.
"""
import argparse
import json

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from member import from_checkpoint
from model import CLASSES, MEAN, STD, load, report, split

SADNESS = CLASSES.index("sadness")
WANTED_RECALL = 0.7
# Of 255: pictures of FER+ have 54 on average.
CONTRAST = 32.0
FAINTEST = 5 / CONTRAST


class Light(nn.Module):
    """Stretches the greys of a dim or hazy face, whose deviation is under CONTRAST, around the usual mean; others stay."""

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        around = x - mean
        deviation = torch.sqrt((around * around).mean((2, 3), keepdim=True))
        kept = torch.clamp(deviation / CONTRAST, FAINTEST, 1.0)
        return around / kept + MEAN + (mean - MEAN) * kept


class Ensemble(nn.Module):
    """Grey faces [n,1,48,48] 0..255 to probabilities [n,8]."""

    def __init__(self, members):
        super().__init__()
        self.light = Light()
        self.members = nn.ModuleList(members)
        self.temperature = 1.0
        self.offsets = nn.Parameter(torch.zeros(len(CLASSES)), requires_grad=False)

    def logits(self, x):
        x = (self.light(x) - MEAN) / STD
        # One batch of faces and mirror images, so that each convolution runs once.
        both = torch.cat([x, torch.flip(x, [3])], 0)
        total = sum(member(both) for member in self.members)
        n = x.shape[0]
        return (total[:n] + total[n:]) / (2 * len(self.members))

    def forward(self, x):
        return torch.softmax((self.logits(x) + self.offsets) / self.temperature, 1)


@torch.no_grad()
def logits_of(ensemble, images):
    return torch.cat([ensemble.logits(batch.float()) for batch in images.split(256)])


def smallest_offset(logits, labels):
    sad = labels == SADNESS
    for offset in np.arange(0, 1.5, 0.025):
        shifted = logits.clone()
        shifted[:, SADNESS] += offset
        if (shifted[sad].argmax(1) == SADNESS).float().mean() >= WANTED_RECALL:
            return float(offset)
    raise SystemExit("no offset finds that many sad faces")


def best_temperature(logits, labels):
    grid = np.arange(0.3, 2.0, 0.01)
    return float(min(grid, key=lambda t: F.cross_entropy(logits / t, labels).item()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("members", nargs="+")
    args = parser.parse_args()
    torch.set_num_threads(1)
    ensemble = Ensemble([from_checkpoint(member) for member in args.members]).eval()

    images, _, labels = load(f"{args.data}/train.npz")
    _, held_out = split(len(images))
    logits = logits_of(ensemble, images[held_out])
    offset = smallest_offset(logits, labels[held_out])
    ensemble.offsets.data[SADNESS] = offset
    ensemble.temperature = best_temperature(logits + ensemble.offsets, labels[held_out])
    chosen = {"sadness_offset": offset, "temperature": ensemble.temperature,
              "held_out": report(logits + ensemble.offsets, labels[held_out])}
    valid_images, _, valid_labels = load(f"{args.data}/valid.npz")
    valid = logits_of(ensemble, valid_images)
    chosen["valid_without_offset"] = report(valid, valid_labels)
    chosen["valid"] = report(valid + ensemble.offsets, valid_labels)
    print(json.dumps(chosen, indent=1))
    with open(f"{args.out}/export.json", "w") as file:
        json.dump(chosen, file, indent=1)
    torch.onnx.export(ensemble, torch.zeros(2, 1, 48, 48), f"{args.out}/face-emotion.onnx", input_names=["input"],
                      output_names=["probs"], dynamic_axes={"input": {0: "n"}, "probs": {0: "n"}}, opset_version=13)


if __name__ == "__main__":
    main()
