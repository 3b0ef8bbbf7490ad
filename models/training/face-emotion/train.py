#!/usr/bin/python3
"""Trains one member of the facial-emotion ensemble on FER+ (Barsoum et al. 2016).

    train.py DATA OUT --member 0 [--widths 24,48,96,144] [--epochs 30] [--small 10] [--threads 2]

DATA holds train.npz and valid.npz: x [n,48,48] uint8 grey, v [n,10] votes of ten annotators over neutral, happiness,
surprise, sadness, anger, disgust, fear, contempt, unknown, not-a-face. OUT gets member-N.pt, from which a run that was
stopped resumes after its last whole epoch, and member-N.jsonl, one line per epoch. The member's number is its seed.

Targets are the shares of the votes. The first epochs (--small) see smaller pictures, which cost half and teach the same
first lessons. Validation is only read, to print the course of the run: nothing is chosen by it here.
"""
import argparse
import copy
import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from averaging import follow  # noqa: E402
from model import CLASSES, SIZE, WIDTHS, EmotionNet, augment, load, logits, normalize, report, split  # noqa: E402

BATCH = 128
SMALL = 36
PEAK_RATE = 0.12


class Run:
    """The state of one training run: what a checkpoint holds."""

    def __init__(self, widths, steps, epochs):
        self.net = EmotionNet(widths).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, PEAK_RATE, total_steps=epochs * steps, pct_start=0.2)
        self.epoch = 0

    def parts(self):
        return {"net": self.net, "average": self.average, "optimizer": self.optimizer, "schedule": self.schedule}

    def save(self, path):
        state = {name: part.state_dict() for name, part in self.parts().items()}
        torch.save({**state, "epoch": self.epoch, "random": torch.get_rng_state()}, path + ".new")
        os.replace(path + ".new", path)

    def resume(self, path):
        saved = torch.load(path)
        for name, part in self.parts().items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["random"])
        self.epoch = saved["epoch"]


def train_epoch(run, images, targets, size):
    """One pass over the training rows; the mean loss."""
    run.net.train()
    order, total = torch.randperm(len(images)), 0.0
    steps = len(images) // BATCH
    for step in range(steps):
        chosen = order[step * BATCH:(step + 1) * BATCH]
        x = augment(normalize(images[chosen]), size).contiguous(memory_format=torch.channels_last)
        loss = -(targets[chosen] * F.log_softmax(run.net(x), 1)).sum(1).mean()
        if not math.isfinite(loss.item()):
            raise SystemExit("The loss is no longer finite. Lower PEAK_RATE.")
        run.optimizer.zero_grad()
        loss.backward()
        run.optimizer.step()
        run.schedule.step()
        follow(run.average, run.net, run.epoch * steps + step)
        total += loss.item()
        if step % 20 == 0:
            print(f"\repoch {run.epoch + 1} {100 * step // steps:3d} % ", end="", flush=True)
    return total / steps


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--member", type=int, default=0)
    parser.add_argument("--widths", type=lambda text: tuple(map(int, text.split(","))), default=WIDTHS)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--small", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.manual_seed(args.member)
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    name = f"{args.out}/member-{args.member}"

    images, targets, _ = load(f"{args.data}/train.npz")
    trained, _ = split(len(images))
    images, targets = images[trained], targets[trained]
    valid_images, _, valid_labels = load(f"{args.data}/valid.npz")
    run = Run(args.widths, len(images) // BATCH, args.epochs)
    if os.path.exists(name + ".pt"):
        run.resume(name + ".pt")
    parameters = sum(p.numel() for p in run.net.parameters())
    print(f"{len(images)} faces, {parameters} parameters, {len(CLASSES)} classes, from epoch {run.epoch + 1}", flush=True)

    while run.epoch < args.epochs:
        began = time.time()
        size = SMALL if run.epoch < args.small else SIZE
        loss = train_epoch(run, images, targets, size)
        run.epoch += 1
        line = {"epoch": run.epoch, "size": size, "seconds": round(time.time() - began), "loss": round(loss, 4),
                **report(logits(run.average, valid_images), valid_labels)}
        with open(name + ".jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        print("\r" + json.dumps(line), flush=True)
        run.save(name + ".pt")


if __name__ == "__main__":
    main()
