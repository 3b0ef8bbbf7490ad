"""What a camera does to a picture: uneven light, colour cast, blur, noise, compression. Pictures [3,h,w] float, G, B, R, 0..255."""
import math

import numpy as np
import torch
import torch.nn.functional as F

# Luminance table of JPEG (ITU-T T.81, table K.1).
TABLE = torch.tensor([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100,
    103, 99], dtype=torch.float32).view(8, 8)
COSINES = torch.tensor([[math.sqrt((1 if k == 0 else 2) / 8) * math.cos((2 * n + 1) * k * math.pi / 16) for n in range(8)]
                        for k in range(8)])


def uneven(x, rng):
    """Light that falls off across the picture."""
    _, h, w = x.shape
    angle, depth = rng.uniform(0, 2 * math.pi), rng.uniform(0.2, 0.75)
    across = torch.linspace(-1, 1, w) * math.cos(angle) + torch.linspace(-1, 1, h).view(h, 1) * math.sin(angle)
    return x * (1 - depth * torch.sigmoid(3 * across + rng.uniform(-1.5, 1.5)))


def blurred(x, sigma_x, sigma_y):
    def kernel(sigma):
        reach = max(1, int(2.5 * sigma))
        taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / max(sigma, 0.05)) ** 2)
        return taps / taps.sum()

    across, down = kernel(sigma_x), kernel(sigma_y)
    x = F.pad(x.unsqueeze(1), [len(across) // 2] * 2 + [len(down) // 2] * 2, mode="replicate")
    x = F.conv2d(F.conv2d(x, across.view(1, 1, 1, -1)), down.view(1, 1, -1, 1))
    return x.squeeze(1)


def compressed(x, quality):
    """Coefficients rounded as by JPEG, without its halving of the colours."""
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    steps = (TABLE * scale).clamp(min=1)
    _, h, w = x.shape
    blocks = (x - 128).view(3, h // 8, 8, w // 8, 8).transpose(2, 3)
    coefficients = COSINES @ blocks @ COSINES.T
    blocks = COSINES.T @ (torch.round(coefficients / steps) * steps) @ COSINES
    return blocks.transpose(2, 3).reshape(3, h, w) + 128


def degraded(x, rng):
    """A picture as some camera would show it, uint8."""
    if rng.random() < 0.3:
        x = uneven(x, rng)
    cast = torch.tensor(rng.normal(1, 0.06, 3), dtype=torch.float32).view(3, 1, 1)
    gain = math.exp(rng.uniform(-0.9, 0.25)) if rng.random() < 0.5 else 1.0
    x = 255 * (x.clamp(0, 255) / 255) ** math.exp(rng.normal(0, 0.15)) * cast * gain + rng.normal(0, 6)
    if rng.random() < 0.1:
        x = x.mean(0, keepdim=True).expand(3, -1, -1)
    if rng.random() < 0.35:
        sigma = rng.uniform(0.4, 1.6)
        x = blurred(x, sigma * (rng.uniform(1, 3) if rng.random() < 0.3 else 1), sigma)
    if rng.random() < 0.5:
        noise = torch.from_numpy(rng.standard_normal(x.shape, np.float32))
        x = x + noise * rng.uniform(1, 12)
    x = x.clamp(0, 255)
    if rng.random() < 0.6:
        x = compressed(x, rng.uniform(15, 90))
    return x.clamp(0, 255).round().to(torch.uint8)
