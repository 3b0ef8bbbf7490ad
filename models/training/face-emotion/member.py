"""One trained network for use, with its normalizations folded into its convolutions."""
import torch
import torch.nn as nn

from model import EmotionNet


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
    """The averaged weights of train.py."""
    average = torch.load(path)["average"]
    stages = ["features.0.weight", *(f"features.{stage}.conv1.weight" for stage in (3, 4, 5))]
    net = EmotionNet([average[name].shape[0] for name in stages])
    net.load_state_dict(average)
    net.eval()
    stem, norm, _, *residuals = net.features
    blocks = [Block(folded(r.conv1, r.norm1), folded(r.conv2, r.norm2), r.short and folded(*r.short)) for r in residuals]
    return Member(folded(stem, norm), blocks, net.head)
