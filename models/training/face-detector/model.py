"""The face detector's network: what train.py, dev.py and export.py share."""
import torch
import torch.nn as nn
import torch.nn.functional as F

STRIDES = (8, 16, 32)
# Of the cells of every level of the pyramid, in px of that level.
STRIDE = 8
# At strides 2, 4 and 8, where the blocks are.
WIDTHS, BLOCKS = (8, 24, 48), 3
# Of each cell: score, box (dx, dy, log width, log height), five points; lengths in strides, from the cell's corner.
VALUES = 1 + 4 + 10


def unit(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """One 3x3 convolution beside a shortcut, added before the rectifier."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(x + self.norm(self.conv(x)))


class FaceNet(nn.Module):
    """Frames [n,3,h,w], planes B, G, R, 0..255, sides multiples of 32 -> for each stride s logits and places [n,15,h/s,w/s].

    One narrow trunk of plain convolutions that knows faces of one size, about 16 to 70 px, and sees the frame as it is, at half
    and at a quarter of its size: the levels learn from each other's faces, and few faces have to do. Without anchors, as in Tian et
    al. 2019.
    """

    SCALE = 1 / 128

    def __init__(self):
        super().__init__()
        self.scale = self.SCALE
        first, second, third = WIDTHS
        self.trunk = nn.Sequential(unit(3, first), unit(first, second), unit(second, third),
                                   *(Residual(third) for _ in range(BLOCKS)))
        self.head = nn.Conv2d(third, VALUES, 3, 1, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        # Few cells hold a face: the score begins low, or the first steps are spent on saying so (Lin et al. 2017).
        self.head.bias.data = torch.tensor([-3.0, 0.5, 0.5, 1.4, 1.4] + [0.5] * 10)

    def level(self, x):
        return self.head(self.trunk(x if self.scale == 1 else x * self.scale))

    def forward(self, x):
        half = F.avg_pool2d(x, 2)
        return [self.level(x), self.level(half), self.level(F.avg_pool2d(half, 2))]


def cells(height, width, stride):
    """Corners [h*w, 2] (x, y) of the cells, px."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows], 2).reshape(-1, 2).float() * stride


def decoded(level, stride):
    """Scores' logits [n,c], boxes [n,c,4] (left, top, right, bottom), points [n,c,10], px, of one level's output."""
    n, _, height, width = level.shape
    values = level.permute(0, 2, 3, 1).reshape(n, -1, VALUES)
    corner = cells(height, width, stride)
    middle = corner + values[..., 1:3] * stride
    half = values[..., 3:5].clamp(-3, 4).exp() * stride / 2
    points = corner.repeat(1, 5) + values[..., 5:] * stride
    return values[..., 0], torch.cat([middle - half, middle + half], 2), points


def overlaps(a, b):
    """Intersection over union of boxes [..., 4] that stand opposite each other."""
    inner = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    both = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
    return inner / (both - inner).clamp(min=1e-6)
