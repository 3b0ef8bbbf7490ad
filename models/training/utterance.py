"""What the networks that judge a whole utterance share: the front end, two opinions on it, and how they are fitted on EmoDB.

Clips keep their original names: speaker in the first two letters, emotion in the sixth.
"""
import os
import pickle
import time

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import nn

from sound import LogMel, at_speed, coloured, cut, in_a_room, read_clips, rms, trim, with_noise

BANDS, COPIES, BATCH = 40, 6, 32
CROP = 150  # frames of 10 ms
INVERSE_PENALTY = 0.01


class UtteranceNet(nn.Module):
    """One utterance [1, samples], 1 to 5 s -> logits [1, outputs].

    The mean of two opinions on the same log-mel spectrogram: a linear one on its statistics over time (robust on 500 clips)
    and a small convolutional one. Loudness is normalised away: it tells the distance of the microphone.
    """

    def __init__(self, outputs, channels=12):
        super().__init__()
        self.mel = LogMel(bands=BANDS)
        self.linear = nn.Linear(4 * BANDS, outputs)
        self.still = nn.BatchNorm1d(BANDS, affine=False)
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, channels, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(2 * channels), nn.ReLU(),
            nn.Conv2d(2 * channels, 3 * channels, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(3 * channels), nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.3)
        self.verdict = nn.Linear(6 * channels, outputs)

    def normalised(self, power):
        """Log-mel against the mean level of the frames within 30 dB of the loudest, and which frames those are [n, 1, frames]."""
        level = power.sum(1, keepdim=True)
        active = (level > level.amax(2, keepdim=True) * 1e-3).float()
        mean = (level * active).sum(2, keepdim=True) / active.sum(2, keepdim=True)
        return torch.log(power / (mean + 1e-12) + 1e-5), active

    def statistics(self, loud, active):
        """Mean and deviation of every band, mean size and deviation of its change from frame to frame [n, 160]."""
        mean, deviation = _moments(loud, active)
        change = loud[:, :, 1:] - loud[:, :, :-1]
        both = active[:, :, 1:] * active[:, :, :-1]
        change_mean, change_deviation = _moments(change, both)
        size = (torch.abs(change) * both).sum(2) / torch.clamp(both.sum(2), min=1)
        return torch.cat([mean, deviation, size, change_deviation], 1)

    def convolve(self, loud):
        hidden = self.convolutions(self.still(torch.clamp(loud, min=-9.2)).unsqueeze(1)).mean(2)
        mean = hidden.mean(2)
        deviation = torch.sqrt(((hidden - mean.unsqueeze(2)) ** 2).mean(2) + 1e-6)
        return self.verdict(self.dropout(torch.cat([mean, deviation], 1)))

    def logits(self, samples):
        loud, active = self.normalised(self.mel(samples))
        return (self.linear(self.statistics(loud, active)) + self.convolve(loud)) / 2

    def opinions(self, versions):
        """Logits of the linear and of the convolutional part for a clip of `prepare` as it is [2, outputs]."""
        loud, statistics = versions[0]
        with torch.no_grad():
            linear = self.linear(torch.from_numpy(statistics)[None])
            return torch.cat([linear, self.convolve(torch.from_numpy(loud)[None])]).numpy()

    def export(self, path, output):
        self.eval()
        torch.onnx.export(
            self, (torch.randn(1, 32_000),), path, opset_version=13, do_constant_folding=False,
            input_names=["samples"], output_names=[output], dynamic_axes={"samples": {1: "count"}},
        )
        print(f"{path}: {os.path.getsize(path)} bytes")


def _moments(values, weights):
    total = torch.clamp(weights.sum(2), min=1)
    mean = (values * weights).sum(2) / total
    variance = (((values - mean.unsqueeze(2)) * weights) ** 2).sum(2) / total
    return mean, torch.sqrt(variance + 1e-6)


def augmented(samples, noises, random):
    samples = samples / rms(samples) * 0.05
    if random.random() < 0.6:
        samples = at_speed(samples, random.uniform(0.92, 1.08))
    if random.random() < 0.8:
        samples = coloured(samples, random)
    if random.random() < 0.4:
        samples = in_a_room(samples, random)
    if random.random() < 0.6:
        noise = noises[random.integers(len(noises))]
        samples = with_noise(samples, cut(noise, len(samples), random), random.uniform(8, 30))
    if random.random() < 0.3:
        samples = with_noise(samples, random.normal(0, 1, len(samples)), random.uniform(20, 40))
    return samples.astype(np.float32)


def prepare(net, emodb, noise, emotions, work, seed):
    """Per clip of these emotions: name, and log-mel and statistics of the clip as it is and of COPIES augmented ones. Kept in `work`."""
    path = os.path.join(work, f"mel-{emotions}-{COPIES}.pkl")
    if os.path.exists(path):
        with open(path, "rb") as file:
            return pickle.load(file)
    noises = [samples for _, samples in read_clips(noise)]
    clips = []
    for i, (name, samples) in enumerate(read_clips(emodb)):
        if name[5] not in emotions:
            continue
        random = np.random.default_rng([seed, i])
        samples = trim(samples)
        versions = []
        for version in [samples] + [augmented(samples, noises, random) for _ in range(COPIES)]:
            with torch.no_grad():
                loud, active = net.normalised(net.mel(torch.from_numpy(np.ascontiguousarray(version))[None]))
                versions.append((loud[0].numpy(), net.statistics(loud, active)[0].numpy()))
        clips.append((name, versions))
        print(f"\rspectrograms of {len(clips)} clips", end="", flush=True)
    print()
    with open(path, "wb") as file:
        pickle.dump(clips, file)
    return clips


def fit_linear(net, clips, classes):
    """Logistic regression on the statistics of all versions of the clips; `classes` are whole numbers, one a clip."""
    rows = np.array([[version[1] for version in versions] for _, versions in clips])
    flat = rows.reshape(-1, rows.shape[2])
    scaler = StandardScaler().fit(flat)
    model = LogisticRegression(C=INVERSE_PENALTY / rows.shape[1], max_iter=2000, class_weight="balanced")
    model.fit(scaler.transform(flat), np.repeat(classes, rows.shape[1]))
    weights = model.coef_ / scaler.scale_
    with torch.no_grad():
        net.linear.weight.copy_(torch.from_numpy(weights))
        net.linear.bias.copy_(torch.from_numpy(model.intercept_ - weights @ scaler.mean_))


def batch_of(clips, random):
    """Random stretches of random versions, each through a random smooth filter; some with a stripe of bands blanked."""
    out = []
    for _, versions in clips:
        loud = versions[random.integers(len(versions))][0]
        loud = cut_frames(loud, random) + np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), random.normal(0, 0.5, 5))[:, None]
        if random.random() < 0.5:
            first = random.integers(BANDS)
            loud[first: first + random.integers(1, 7)] = loud.mean()
        out.append(loud.astype(np.float32))
    return torch.from_numpy(np.stack(out))


def cut_frames(loud, random):
    if loud.shape[1] < CROP:
        loud = np.tile(loud, (1, -(-CROP // loud.shape[1])))
    start = random.integers(loud.shape[1] - CROP + 1)
    return loud[:, start: start + CROP]


def fit_convolutions(net, clips, loss_of, epochs, seed):
    """`loss_of(logits, rows)`: the loss of the clips with these numbers."""
    random = np.random.default_rng(seed)
    parameters = [*net.convolutions.parameters(), *net.verdict.parameters()]
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.02)
    batches = len(clips) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=epochs * batches)
    net.train()
    for _ in range(epochs):
        order = random.permutation(len(clips))
        for rows in (order[i * BATCH: (i + 1) * BATCH] for i in range(batches)):
            loss = loss_of(net.convolve(batch_of([clips[i] for i in rows], random)), rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()


def leave_one_speaker_out(clips, fit, work):
    """[clips, 2, outputs]: both opinions of the network that never heard the clip's speaker. Finished folds are kept in `work`."""
    path = os.path.join(work, "folds.pkl")
    folds = {}
    if os.path.exists(path):
        with open(path, "rb") as file:
            folds = pickle.load(file)
    for speaker in sorted({name[:2] for name, _ in clips}):
        if speaker in folds:
            continue
        began = time.time()
        net = fit([clip for clip in clips if clip[0][:2] != speaker])
        folds[speaker] = {name: net.opinions(versions) for name, versions in clips if name[:2] == speaker}
        print(f"without speaker {speaker}: {time.time() - began:.0f} s", flush=True)
        with open(path, "wb") as file:
            pickle.dump(folds, file)
    return np.array([folds[name[:2]][name] for name, _ in clips])
