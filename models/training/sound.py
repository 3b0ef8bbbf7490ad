"""What both voice models share: reading the corpora, the log-mel front end that goes into the graph, and augmentation.

Sound is mono, 16 kHz, float32 in -1..1 throughout.
"""
import glob
import os

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly
from torch import nn

RATE = 16_000


def read_clips(folder):
    """(name without extension, samples) of every flac or wav file of a folder, in the order of their names."""
    paths = sorted(p for ext in ("flac", "wav") for p in glob.glob(os.path.join(folder, f"*.{ext}")))
    if not paths:
        raise SystemExit(f"{folder} holds no flac or wav files")
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        if rate != RATE:
            samples = resample_poly(samples, RATE, rate, axis=0)
        yield os.path.splitext(os.path.basename(path))[0], samples.mean(axis=1).astype(np.float32)


def trim(samples, below_db=30, margin=800):
    """Without the quiet beginning and end: more than `below_db` under the loudest 25 ms."""
    power = np.convolve(samples ** 2, np.ones(400) / 400, "same")
    loud = np.flatnonzero(power > power.max() * 10 ** (-below_db / 10))
    return samples[max(0, loud[0] - margin): loud[-1] + margin]


class LogMel(nn.Module):
    """Mel power spectrogram (HTK mel scale, triangles of equal height) of a waveform [n, samples] -> [n, bands, frames].

    A convolution with a windowed Fourier basis, so that it exports to ONNX as plain operators. The basis is computed in the
    graph (ONNX Runtime folds it once, at load): the file holds two small vectors instead of `fft` x `window` numbers.
    """

    def __init__(self, fft=512, window=400, hop=160, bands=40, low=50.0, high=7600.0):
        super().__init__()
        self.fft, self.hop = fft, hop
        self.register_buffer("bins", torch.arange(fft // 2 + 1, dtype=torch.float32)[:, None])
        self.register_buffer("times", torch.arange(window, dtype=torch.float32)[None, :])
        self.register_buffer("hann", torch.hann_window(window, periodic=True)[None, :])
        self.register_buffer("triangles", _triangles(fft, bands, low, high)[:, :, None])

    def forward(self, samples):
        turns = self.bins * self.times / self.fft
        angle = (turns - torch.floor(turns)) * (2 * np.pi)
        basis = torch.cat([torch.cos(angle) * self.hann, torch.sin(angle) * self.hann]).unsqueeze(1)
        spectrum = torch.conv1d(samples.unsqueeze(1), basis, stride=self.hop)
        half = self.fft // 2 + 1
        power = spectrum[:, :half] ** 2 + spectrum[:, half:] ** 2
        return torch.conv1d(power, self.triangles)


def _triangles(fft, bands, low, high):
    to_mel = lambda hz: 2595 * np.log10(1 + hz / 700)
    edges = 700 * (10 ** (np.linspace(to_mel(low), to_mel(high), bands + 2) / 2595) - 1)
    hz = np.arange(fft // 2 + 1) * RATE / fft
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return torch.from_numpy(np.maximum(0, np.minimum(rising, falling)).astype(np.float32))


def rms(samples):
    return float(np.sqrt(np.mean(samples ** 2)) + 1e-9)


def cut(samples, length, random):
    """A random stretch of `length` samples, repeated where the clip is shorter."""
    if len(samples) < length:
        samples = np.tile(samples, -(-length // len(samples)))
    start = random.integers(0, len(samples) - length + 1)
    return samples[start: start + length]


def at_speed(samples, speed):
    """Faster and higher at once, as a tape would be."""
    percent = int(round(speed * 100))
    return resample_poly(samples, 100, percent).astype(np.float32)


def coloured(samples, random, depth_db=6.0):
    """Through a smooth random filter: another microphone, another distance. Gains of up to about `depth_db` either way."""
    spectrum = np.fft.rfft(samples)
    hz = np.linspace(0, RATE / 2, len(spectrum))
    octave = np.log2(np.maximum(hz, 60) / 60)
    knots = np.linspace(0, octave[-1], 6)
    gain = np.interp(octave, knots, random.normal(0, depth_db / 2, len(knots)))
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(samples)).astype(np.float32)


def in_a_room(samples, random):
    """With the tail of a room: exponentially decaying noise, 0.15 to 0.6 s to -60 dB, 3 to 15 dB under the direct sound."""
    decay = random.uniform(0.15, 0.6)
    time = np.arange(int(decay * RATE)) / RATE
    tail = random.normal(0, 1, len(time)) * 10 ** (-3 * time / decay)
    tail[: int(0.002 * RATE)] = 0
    tail *= 10 ** (-random.uniform(3, 15) / 20) / np.sqrt(np.sum(tail ** 2))
    tail[0] = 1
    size = 1 << int(np.ceil(np.log2(len(samples) + len(tail))))
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return wet[: len(samples)].astype(np.float32)


def with_noise(samples, noise, snr_db):
    """Noise of the same length, `snr_db` under the mean power of the samples."""
    return samples + noise * (rms(samples) / rms(noise) * 10 ** (-snr_db / 20))
