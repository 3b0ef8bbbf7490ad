"""The facial-emotion network, its data and its augmentation: what train.py, export.py and quantize.py share."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

CLASSES = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
SIZE = 48
MEAN, STD = 129.5, 65.0
WIDTHS = (24, 48, 96, 144)
HELD_OUT = 1700


class Residual(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016)."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.short = None
        if stride != 1 or inputs != outputs:
            self.short = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.relu(y + (x if self.short is None else self.short(x)))


class EmotionNet(nn.Module):
    """Logits [n,8] of normalized grey faces [n,1,s,s]; s is 48 in use and may be smaller early in training."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        a, b, c, d = widths
        self.features = nn.Sequential(
            nn.Conv2d(1, a, 3, 1, 1, bias=False), nn.BatchNorm2d(a), nn.ReLU(),
            Residual(a, b, 2), Residual(b, c, 2), Residual(c, d, 2), Residual(d, d))
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(d, len(CLASSES))

    def forward(self, x):
        return self.head(self.dropout(self.features(x).mean((2, 3))))


def normalize(images):
    return (images.float() - MEAN) / STD


def load(path):
    """Images [n,1,48,48] uint8, vote shares [n,8], majority labels [n]; rows voted unknown or not a face are dropped.

    A class that only one annotator named counts as a slip, as in Barsoum et al. 2016.
    """
    data = np.load(path)
    images, votes = data["x"], data["v"].astype(np.float32)
    known = votes.argmax(1) < len(CLASSES)
    images, votes = images[known], votes[known][:, : len(CLASSES)]
    shares = np.where(votes > 1, votes, 0)
    shares = np.where(shares.sum(1, keepdims=True) > 0, shares, votes)
    shares /= shares.sum(1, keepdims=True)
    return torch.from_numpy(images).unsqueeze(1), torch.from_numpy(shares), torch.from_numpy(votes.argmax(1))


def split(count):
    """Row numbers (trained on, held out): the held-out rows of train.npz choose temperature and offsets."""
    order = np.random.default_rng(20).permutation(count)
    return torch.from_numpy(order[HELD_OUT:].copy()), torch.from_numpy(order[:HELD_OUT].copy())


def augment(x, size):
    """Random rotation, scale, shift, mirror, light and an erased patch per image, drawn at size x size pixels."""
    n = len(x)

    def spread(amount):
        return (torch.rand(n) - 0.5) * 2 * amount

    angle, scale = spread(0.28), 1 + spread(0.13)
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    affine = torch.stack([torch.stack([cos * mirror, -sin, spread(0.11)], 1),
                          torch.stack([sin * mirror, cos, spread(0.11)], 1)], 1)
    grid = F.affine_grid(affine, (n, 1, size, size), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    x = x * (1 + spread(0.3).view(n, 1, 1, 1)) + spread(0.25).view(n, 1, 1, 1)
    for i in torch.nonzero(torch.rand(n) < 0.3).flatten().tolist():
        h, w = (int(v) for v in torch.randint(size // 8, size // 3, (2,)))
        top, left = int(torch.randint(0, size - h, (1,))), int(torch.randint(0, size - w, (1,)))
        x[i, :, top:top + h, left:left + w] = float(torch.randn(1)) * 0.5
    return x


@torch.no_grad()
def logits(net, images):
    """The mean logits of each face and its mirror image."""
    net.eval()
    parts = []
    for batch in normalize(images).split(256):
        batch = batch.contiguous(memory_format=torch.channels_last)
        parts.append((net(batch) + net(torch.flip(batch, [3]))) / 2)
    return torch.cat(parts)


def report(scores, labels):
    """Accuracy and recall per class of the highest score."""
    guess = scores.argmax(1)
    recall = {name: round((guess[labels == c] == c).float().mean().item(), 3) for c, name in enumerate(CLASSES)}
    return {"accuracy": round((guess == labels).float().mean().item(), 4), "recall": recall}
