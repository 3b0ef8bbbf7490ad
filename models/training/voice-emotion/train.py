"""Trains own-voice-emotion on EmoDB alone and writes it as ONNX, with the probabilities of every clip by the model that never
heard its speaker.

    /usr/bin/python3 models/training/voice-emotion/train.py EMODB NOISE [--out models/own_voice_emotion.onnx] [--work DIR]

EMODB: Burkhardt et al. 2005 (CC BY 4.0), clips under their original names. NOISE: ESC-10 (Piczak 2015, CC BY), mixed in as
augmentation. Seeded. Mel spectrograms and finished folds lie in --work, so that an interrupted run goes on where it was.
"""
import argparse
import os
import sys

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from utterance import UtteranceNet, fit_convolutions, fit_linear, leave_one_speaker_out, prepare  # noqa: E402

# Boredom (Langeweile) is none of the program's emotions, and its clips are left out; of surprise EmoDB has none.
LETTERS = {"N": "neutral", "F": "happiness", "T": "sadness", "W": "anger", "A": "fear", "E": "disgust"}
LABELS = list(LETTERS.values())
EPOCHS = 45


class VoiceEmotion(UtteranceNet):
    """One utterance -> `probabilities` [1, 6], in the order of LABELS, all emotions equally likely beforehand."""

    def __init__(self):
        super().__init__(outputs=len(LABELS))
        self.register_buffer("temperature", torch.ones(1))

    def forward(self, samples):
        return torch.softmax(self.logits(samples) / self.temperature, 1)


def classes_of(clips):
    return np.array([list(LETTERS).index(name[5]) for name, _ in clips])


def fit(clips, seed):
    torch.manual_seed(seed)
    net = VoiceEmotion()
    classes = classes_of(clips)
    counts = np.bincount(classes, minlength=len(LABELS))
    balance = torch.from_numpy((len(classes) / len(LABELS) / counts).astype(np.float32))
    targets = torch.from_numpy(classes)
    fit_linear(net, clips, classes)
    loss = nn.CrossEntropyLoss(weight=balance, label_smoothing=0.1)
    fit_convolutions(net, clips, lambda logits, rows: loss(logits, targets[rows]), EPOCHS, seed)
    return net


def calibrate(classes, logits):
    """The temperature of least negative log likelihood (Guo et al. 2017, section 4.2), emotions counting alike."""
    counts = np.bincount(classes)
    weights, logits = torch.from_numpy(1 / counts[classes]), torch.from_numpy(logits)
    loss = [
        (weights * nn.functional.cross_entropy(logits / t, torch.from_numpy(classes), reduction="none")).sum().item()
        for t in np.geomspace(0.2, 5, 200)
    ]
    return np.geomspace(0.2, 5, 200)[int(np.argmin(loss))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("emodb")
    parser.add_argument("noise")
    parser.add_argument("--out", default="models/own_voice_emotion.onnx")
    parser.add_argument("--scores", default="models/training/voice-emotion/emodb-speakers-left-out.csv")
    parser.add_argument("--work", default="own-voice-emotion-training")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    torch.manual_seed(args.seed)
    clips = prepare(VoiceEmotion(), args.emodb, args.noise, "".join(LETTERS), args.work, args.seed)
    classes = classes_of(clips)
    net = fit(clips, args.seed)
    both = leave_one_speaker_out(clips, lambda heard: fit(heard, args.seed), args.work).astype(float)
    for label, logits in (("linear", both[:, 0]), ("convolutional", both[:, 1]), ("mean", both.mean(1))):
        named = logits.argmax(1)
        print(f"EmoDB, speakers left out, {label}: accuracy {np.mean(named == classes):.4f}, macro-F1 {f1_score(classes, named, average='macro'):.4f}")
    temperature = calibrate(classes, both.mean(1))
    net.temperature.fill_(temperature)
    print(f"temperature {temperature:.3f}")
    with open(args.scores, "w") as file:
        file.write(f"clip,{','.join(LABELS)}\n")
        for (name, _), row in zip(clips, torch.softmax(torch.from_numpy(both.mean(1) / temperature), 1).numpy()):
            file.write(f"{name},{','.join(f'{p:.4f}' for p in row)}\n")
    net.export(args.out, "probabilities")


if __name__ == "__main__":
    main()
