"""Sound for training voice activity: speech placed in time, beds of noise, music made by rule, and the labels.

Held out from training, for scripts/eval/voice.ts, which splits in the same way: every command (sti_*) and every noise whose
name's SHA-256 begins with an odd byte. Noises of one recording (1-30226-A, 1-30226-B) fall on the same side.
"""
import hashlib
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from sound import RATE, at_speed, coloured, cut, in_a_room, read_clips, rms  # noqa: E402

CHUNK = 512
SECONDS = 10
CHUNKS = SECONDS * RATE // CHUNK


def held_out(name):
    """Whether a clip of speech or noise is kept for the evaluation."""
    if name.startswith("de_"):
        return False
    key = name.rsplit("-", 1)[0] if "_" in name and not name.startswith("sti_") else name
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 1


def activity(samples):
    """Whether each 32 ms of clean speech is spoken: within 30 dB of the loud ones; gaps up to 0.25 s count, clicks under 0.1 s do not."""
    frames = samples[: len(samples) // CHUNK * CHUNK].reshape(-1, CHUNK)
    level = 10 * np.log10(np.mean(frames ** 2, axis=1) + 1e-10)
    active = level > np.percentile(level, 95) - 30
    active = _without_runs(active, value=False, shorter_than=9)
    return _without_runs(active, value=True, shorter_than=3)


def _without_runs(flags, value, shorter_than):
    flags = flags.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[not value], flags, [not value]]).astype(int)))
    for start, end in zip(edges[::2], edges[1::2]):
        inner = start > 0 and end < len(flags)
        if end - start < shorter_than and (inner or value):
            flags[start:end] = not value
    return flags


class Mixer:
    """Draws stretches of sound with their labels."""

    def __init__(self, speech, noises, random):
        self.speech = [(each / rms(each) * 0.05, activity(each)) for each in speech]
        self.noises, self.random = noises, random

    def draw(self):
        """(samples, label per chunk): 10 s, about half of it without speech, over one bed or two, at -45 to -15 dBFS."""
        r = self.random
        spoken, labels = self._spoken()
        snr = r.uniform(0, 28)
        sound = spoken.copy()
        for _ in range(1 + (r.random() < 0.25)):
            bed = self._bed()
            if bed is not None:
                sound += bed / rms(bed) * 0.05 * 10 ** (-snr / 20)
        sound += r.normal(0, 1, len(sound)) * 0.05 * 10 ** (-r.uniform(40, 80) / 20)
        return (sound * 10 ** (r.uniform(-20, 10) / 20)).astype(np.float32), labels

    def _spoken(self):
        r = self.random
        spoken = np.zeros(CHUNKS * CHUNK, np.float32)
        labels = np.zeros(CHUNKS, bool)
        wet, filtered = r.random() < 0.35, r.random() < 0.7
        at = int(r.exponential(40)) if r.random() < 0.8 else CHUNKS
        while at < CHUNKS - 10:
            samples, active = self.speech[r.integers(len(self.speech))]
            start = int(r.integers(0, max(1, len(active) - 60)))
            length = min(int(r.integers(20, 150)), len(active) - start, CHUNKS - at)
            part = samples[start * CHUNK: (start + length) * CHUNK]
            spoken[at * CHUNK: (at + length) * CHUNK] = part * 10 ** (r.uniform(-6, 6) / 20)
            labels[at: at + length] = active[start: start + length]
            at += length + int(r.exponential(60))
        if filtered:
            spoken = coloured(spoken, r)
        if wet:
            spoken = in_a_room(spoken, r)
        return spoken, labels

    def _bed(self):
        bed = self._sound()
        return bed if bed is None or self.random.random() < 0.6 else self._switched(bed)

    def _switched(self, bed):
        """The bed as something that is switched on, and perhaps off again: at once or within 0.3 s."""
        r = self.random
        time = np.arange(len(bed)) / RATE
        ramp = r.choice([0.002, 0.03, 0.3])
        on, off = r.uniform(0, SECONDS * 0.7), r.uniform(1, SECONDS * 1.5)
        return (bed * np.clip((time - on) / ramp, 0, 1) * np.clip((on + off - time) / ramp, 0, 1)).astype(np.float32)

    def _sound(self):
        r, size = self.random, CHUNKS * CHUNK
        kind = r.random()
        if kind < 0.15:
            return None
        if kind < 0.5:
            noise = self.noises[r.integers(len(self.noises))]
            bed = cut(at_speed(noise, r.uniform(0.8, 1.25)), size, r)
            return coloured(bed, r) if r.random() < 0.5 else bed
        if kind < 0.7:
            return steady_noise(size, r)
        return music(size, r) if kind < 0.93 else tones(size, r)


def steady_noise(size, r):
    """White to brown noise, some of it swelling, some with a hum of the mains."""
    spectrum = np.fft.rfft(r.normal(0, 1, size))
    spectrum /= np.maximum(1, np.arange(len(spectrum)) * RATE / size / 50) ** r.uniform(0, 1)
    noise = np.fft.irfft(spectrum, size)
    time = np.arange(size) / RATE
    if r.random() < 0.4:
        noise *= 1 + r.uniform(0, 0.9) * np.sin(2 * np.pi * r.uniform(0.2, 6) * time)
    if r.random() < 0.3:
        base = r.choice([50, 60])
        noise = noise / rms(noise) + sum(np.sin(2 * np.pi * base * k * time) / k for k in (1, 2, 3, 5)) * r.uniform(0.2, 1)
    return noise.astype(np.float32)


def tones(size, r):
    """Beeps, sirens, ringing."""
    time = np.arange(size) / RATE
    hz = r.uniform(200, 3000) * (1 + r.uniform(0, 0.3) * np.sin(2 * np.pi * r.uniform(0.1, 8) * time))
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE)
    if r.random() < 0.7:
        tone *= (np.sin(2 * np.pi * r.uniform(0.3, 6) * time) > r.uniform(-0.5, 0.7))
    return (tone + r.normal(0, 1e-3, size)).astype(np.float32)


def music(size, r):
    """Voices of harmonics on a scale in a steady beat, some with vibrato and a formant, some with drums."""
    out = np.zeros(size)
    beat = RATE * 60 / r.uniform(60, 170)
    scale = np.array([0, 2, 4, 5, 7, 9, 11] if r.random() < 0.5 else [0, 2, 3, 5, 7, 8, 10])
    root = 55 * 2 ** (r.integers(0, 12) / 12)
    for _ in range(r.integers(1, 5)):
        _play(out, beat * r.choice([0.5, 1, 1, 2, 4]), root * 2 ** r.integers(0, 4), scale, r)
    if r.random() < 0.5:
        _drum(out, beat, r)
    return out.astype(np.float32)


def _play(out, step, root, scale, r):
    rolloff, decay, attack = r.uniform(0.5, 2.5), r.uniform(0.5, 8), int(r.uniform(0.002, 0.15) * RATE)
    vibrato, depth = r.uniform(3, 7), r.choice([0, 0, 0.003, 0.012])
    formant = r.choice([0, 0, 500, 900, 1600])
    weight = r.uniform(0.3, 1)
    at = 0.0
    while at < len(out):
        start, length = int(at), int(step * r.uniform(0.6, 1.2))
        length = min(length, len(out) - start)
        at += step
        if length < 64 or r.random() < 0.15:
            continue
        time = np.arange(length) / RATE
        for _ in range(r.integers(1, 4)):
            hz = root * 2 ** (r.choice(scale) / 12)
            phase = 2 * np.pi * (hz * time + depth * hz / (2 * np.pi * vibrato) * np.sin(2 * np.pi * vibrato * time))
            note = np.zeros(length)
            for k in range(1, min(16, int(7000 / hz) + 1)):
                lift = 1 + 4 * np.exp(-((k * hz - formant) / 300) ** 2) if formant else 1
                note += lift * np.sin(k * phase) / k ** rolloff
            ramp = np.minimum(1, np.arange(length) / max(1, attack)) * np.minimum(1, np.arange(length)[::-1] / 200)
            out[start: start + length] += weight * note * ramp * np.exp(-decay * time)


def _drum(out, beat, r):
    for i, start in enumerate(np.arange(0, len(out) - RATE // 4, beat / 2).astype(int)):
        time = np.arange(RATE // 4) / RATE
        if i % 4 == 0:
            hit = 2 * np.sin(2 * np.pi * 60 * time * (1 + np.exp(-30 * time))) * np.exp(-12 * time)
        else:
            hit = r.normal(0, 1, len(time)) * np.exp(-r.uniform(15, 60) * time)
        out[start: start + len(time)] += hit * r.uniform(0.3, 1)


def corpora(emodb, speech, noise):
    """(speech, noises) for training: all of EmoDB, and what is not held out of the other two."""
    spoken = [samples for _, samples in read_clips(emodb)]
    spoken += [samples for name, samples in read_clips(speech) if not held_out(name)]
    return spoken, [samples for name, samples in read_clips(noise) if not held_out(name)]
