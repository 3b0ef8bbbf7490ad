"""Trains own-arousal on EmoDB alone and writes it as ONNX, with the scores of every clip by the model that never heard its speaker.

    /usr/bin/python3 models/training/voice-arousal/train.py EMODB NOISE [--out models/own_arousal.onnx] [--work DIR]

EMODB: Burkhardt et al. 2005 (CC BY 4.0), clips under their original names. NOISE: ESC-10 (Piczak 2015, CC BY), mixed in as
augmentation. Seeded. Mel spectrograms and finished folds lie in --work, so that an interrupted run goes on where it was.
"""
import argparse
import os
import pickle
import sys
import time

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from sound import LogMel, at_speed, coloured, cut, in_a_room, read_clips, rms, trim, with_noise  # noqa: E402

HIGH, LOW = "WAF", "TLN"  # anger, fear (Angst), happiness (Freude); sadness (Trauer), boredom (Langeweile), neutral
# Arousal of the acted emotions: Russell & Mehrabian 1977, as in daemon/mood/affect.ts.
AROUSAL = {"W": 0.59, "A": 0.6, "F": 0.51, "T": -0.27, "L": -0.62, "N": 0.0}
BANDS, COPIES, EPOCHS, BATCH = 40, 6, 18, 32
CROP = 150  # frames of 10 ms
INVERSE_PENALTY = 0.01


class VoiceArousal(nn.Module):
    """One utterance [1, samples], 1 to 5 s -> `form` [1, 1]: tanh(form) is its arousal, 0 that of ordinary speech.

    The mean of two opinions on the same log-mel spectrogram: a linear one on its statistics over time (robust on 450 clips)
    and a small convolutional one. Loudness is normalised away: it tells the distance of the microphone.
    """

    def __init__(self, channels=12):
        super().__init__()
        self.mel = LogMel(bands=BANDS)
        self.linear = nn.Linear(4 * BANDS, 1)
        self.still = nn.BatchNorm1d(BANDS, affine=False)
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, channels, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(2 * channels), nn.ReLU(),
            nn.Conv2d(2 * channels, 3 * channels, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(3 * channels), nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.3)
        self.verdict = nn.Linear(6 * channels, 1)
        self.register_buffer("scale", torch.ones(1))
        self.register_buffer("offset", torch.zeros(1))

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

    def forward(self, samples):
        loud, active = self.normalised(self.mel(samples))
        logit = (self.linear(self.statistics(loud, active)) + self.convolve(loud)) / 2
        return self.scale * logit + self.offset


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


def prepare(args, net):
    """Per clip: name, and the log-mel, its activity and statistics of the clip as it is and of COPIES augmented ones."""
    path = os.path.join(args.work, f"mel-{COPIES}.pkl")
    if os.path.exists(path):
        with open(path, "rb") as file:
            return pickle.load(file)
    noises = [samples for _, samples in read_clips(args.noise)]
    clips = []
    for i, (name, samples) in enumerate(read_clips(args.emodb)):
        if name[5] not in HIGH + LOW:
            continue
        random = np.random.default_rng([args.seed, i])
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


def fit_linear(net, clips, high):
    rows = np.array([[version[1] for version in versions] for _, versions in clips])
    scaler = StandardScaler().fit(rows.reshape(-1, rows.shape[2]))
    model = LogisticRegression(C=INVERSE_PENALTY / rows.shape[1], max_iter=2000, class_weight="balanced")
    model.fit(scaler.transform(rows.reshape(-1, rows.shape[2])), np.repeat(high, rows.shape[1]))
    weights = model.coef_[0] / scaler.scale_
    with torch.no_grad():
        net.linear.weight.copy_(torch.from_numpy(weights)[None])
        net.linear.bias.copy_(torch.tensor(model.intercept_ - weights @ scaler.mean_))


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


def fit_convolutions(net, clips, high, seed):
    random = np.random.default_rng(seed)
    parameters = [*net.convolutions.parameters(), *net.verdict.parameters()]
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.02)
    batches = len(clips) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=EPOCHS * batches)
    net.train()
    for _ in range(EPOCHS):
        order = random.permutation(len(clips))
        for rows in (order[i * BATCH: (i + 1) * BATCH] for i in range(batches)):
            targets = torch.from_numpy(0.05 + 0.9 * high[rows].astype(np.float32))[:, None]
            loss = nn.functional.binary_cross_entropy_with_logits(net.convolve(batch_of([clips[i] for i in rows], random)), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()


def fit(clips, seed):
    torch.manual_seed(seed)
    net = VoiceArousal()
    high = np.array([name[5] in HIGH for name, _ in clips])
    fit_linear(net, clips, high)
    fit_convolutions(net, clips, high, seed)
    return net


def opinions(net, versions):
    """Logits of the linear and of the convolutional part for the clip as it is."""
    loud, statistics = versions[0]
    with torch.no_grad():
        linear = net.linear(torch.from_numpy(statistics)[None]).item()
        return linear, net.convolve(torch.from_numpy(loud)[None]).item()


def leave_one_speaker_out(args, clips):
    """[clips, 2]: both opinions of the model that never heard the clip's speaker."""
    path = os.path.join(args.work, "folds.pkl")
    folds = {}
    if os.path.exists(path):
        with open(path, "rb") as file:
            folds = pickle.load(file)
    for speaker in sorted({name[:2] for name, _ in clips}):
        if speaker in folds:
            continue
        began = time.time()
        net = fit([clip for clip in clips if clip[0][:2] != speaker], args.seed)
        folds[speaker] = {name: opinions(net, versions) for name, versions in clips if name[:2] == speaker}
        print(f"without speaker {speaker}: {time.time() - began:.0f} s", flush=True)
        with open(path, "wb") as file:
            pickle.dump(folds, file)
    return np.array([folds[name[:2]][name] for name, _ in clips])


def calibrate(names, logits):
    """Scale and offset by which tanh(scale * logit + offset) comes closest to AROUSAL, emotions counting alike."""
    targets = np.array([AROUSAL[name[5]] for name in names])
    share = {emotion: np.mean([name[5] == emotion for name in names]) for emotion in AROUSAL}
    weights = torch.tensor([1 / share[name[5]] for name in names])
    logits, targets = torch.from_numpy(logits), torch.from_numpy(targets)
    line = torch.tensor([0.2, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=200)

    def error():
        optimizer.zero_grad()
        loss = (weights * (torch.tanh(line[0] * logits + line[1]) - targets) ** 2).mean()
        loss.backward()
        return loss

    optimizer.step(error)
    return line.detach().numpy()


def export(net, path):
    net.eval()
    torch.onnx.export(
        net, (torch.randn(1, 32_000),), path, opset_version=13, do_constant_folding=False,
        input_names=["samples"], output_names=["form"], dynamic_axes={"samples": {1: "count"}},
    )
    print(f"{path}: {os.path.getsize(path)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("emodb")
    parser.add_argument("noise")
    parser.add_argument("--out", default="models/own_arousal.onnx")
    parser.add_argument("--scores", default="models/training/voice-arousal/emodb-speakers-left-out.csv")
    parser.add_argument("--work", default="own-arousal-training")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-final", action="store_true", help="no held-out scores, no calibration: to try things out")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    torch.manual_seed(args.seed)
    clips = prepare(args, VoiceArousal())
    net = fit(clips, args.seed)
    if not args.only_final:
        names = [name for name, _ in clips]
        both = leave_one_speaker_out(args, clips)
        high = [name[5] in HIGH for name in names]
        for label, scores in (("linear", both[:, 0]), ("convolutional", both[:, 1]), ("mean", both.mean(1))):
            print(f"EmoDB, speakers left out, {label}: AUC {roc_auc_score(high, scores):.4f}")
        scale, offset = calibrate(names, both.mean(1))
        net.scale.fill_(scale)
        net.offset.fill_(offset)
        print(f"form = {scale:.4f} logit + {offset:.4f}")
        with open(args.scores, "w") as file:
            file.write("clip,form\n")
            file.writelines(f"{name},{scale * logit + offset:.4f}\n" for name, logit in zip(names, both.mean(1)))
    export(net, args.out)


if __name__ == "__main__":
    main()
