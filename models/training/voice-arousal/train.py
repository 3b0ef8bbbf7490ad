"""Trains own-arousal on EmoDB alone and writes it as ONNX, with the scores of every clip by the model that never heard its speaker.

    /usr/bin/python3 models/training/voice-arousal/train.py EMODB NOISE [--out models/own_arousal.onnx] [--work DIR]

EMODB: Burkhardt et al. 2005 (CC BY 4.0), clips under their original names. NOISE: ESC-10 (Piczak 2015, CC BY), mixed in as
augmentation. Seeded. Mel spectrograms and finished folds lie in --work, so that an interrupted run goes on where it was.
"""
import argparse
import os
import sys

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from utterance import UtteranceNet, fit_convolutions, fit_linear, leave_one_speaker_out, prepare  # noqa: E402

HIGH, LOW = "WAF", "TLN"  # anger, fear (Angst), happiness (Freude); sadness (Trauer), boredom (Langeweile), neutral
# Arousal of the acted emotions: Russell & Mehrabian 1977, as in daemon/mood/affect.ts.
AROUSAL = {"W": 0.59, "A": 0.6, "F": 0.51, "T": -0.27, "L": -0.62, "N": 0.0}
EPOCHS = 18


class VoiceArousal(UtteranceNet):
    """One utterance -> `form` [1, 1]: tanh(form) is its arousal, 0 that of ordinary speech."""

    def __init__(self):
        super().__init__(outputs=1)
        self.register_buffer("scale", torch.ones(1))
        self.register_buffer("offset", torch.zeros(1))

    def forward(self, samples):
        return self.scale * self.logits(samples) + self.offset


def fit(clips, seed):
    torch.manual_seed(seed)
    net = VoiceArousal()
    high = np.array([name[5] in HIGH for name, _ in clips])
    targets = torch.from_numpy(0.05 + 0.9 * high.astype(np.float32))[:, None]
    fit_linear(net, clips, high)
    loss = nn.BCEWithLogitsLoss()
    fit_convolutions(net, clips, lambda logits, rows: loss(logits, targets[rows]), EPOCHS, seed)
    return net


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
    clips = prepare(VoiceArousal(), args.emodb, args.noise, HIGH + LOW, args.work, args.seed)
    net = fit(clips, args.seed)
    if not args.only_final:
        names = [name for name, _ in clips]
        both = leave_one_speaker_out(clips, lambda heard: fit(heard, args.seed), args.work)[:, :, 0].astype(float)
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
    net.export(args.out, "form")


if __name__ == "__main__":
    main()
