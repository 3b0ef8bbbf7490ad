#!/usr/bin/python3
"""Trains the face detector on the scenes of scenes.py, by distillation from YuNet.

    train.py WORK [--steps 12000] [--anneal 3000] [--threads 1]

WORK holds scenes-N.u8 and scenes-N.npz; shards that are added later are used from the next report on. It gets
detector.pt, from which a run that was stopped resumes and which export.py reads, and detector.jsonl, a line for each report. The
rate stays as it is until the last --anneal steps, in which it falls to nothing: a run may be resumed with more steps, or with
fewer.
"""
import argparse
import copy
import glob
import json
import math
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from averaging import follow  # noqa: E402
from loss import LEAST, MOST, losses  # noqa: E402
from model import FaceNet  # noqa: E402
from scenes import HEIGHT, WIDTH  # noqa: E402

# Side of the pictures that are learnt from, px, and how many to a step.
SIDE, BATCH = 96, 24
# How many px of a scene become one: faces of every size are seen at the one size that the network knows.
SHRINKS = (1, 2, 3)
# Of the pictures, those that lie around a face; the others lie anywhere.
AROUND_FACES = 0.55
RATE, WARM_UP = 4e-3, 60
REPORT = 100


class Scenes:
    """Shards of pictures, read as they are needed."""

    def __init__(self, work):
        self.work, self.shards = work, {}

    def look(self):
        for path in glob.glob(f"{self.work}/scenes-*.npz"):
            if path not in self.shards:
                frames = np.memmap(path[:-4] + ".u8", np.uint8, "r").reshape(-1, 3, HEIGHT, WIDTH)
                self.shards[path] = (frames, np.load(path)["faces"])

    def batch(self, rng):
        """Pictures [n,3,96,96] (B, G, R) and faces [n,k,15], cut out, mirrored and lit at random."""
        shards = list(self.shards.values())
        pictures, tables = np.zeros((BATCH, 3, SIDE, SIDE), np.float32), []
        for i in range(BATCH):
            frames, faces = shards[rng.integers(len(shards))]
            number = rng.integers(len(frames))
            table = faces[number][faces[number][:, 0] != 0].copy()
            shrink, left, top = place(table, rng)
            piece = frames[number, :, top:top + SIDE * shrink, left:left + SIDE * shrink]
            small = shrunk(piece, shrink)[[1, 0, 2]]
            table = moved(table, (left, top), shrink)
            if rng.random() < 0.5:
                table = mirrored(table, small.shape[2])
                small = small[:, :, ::-1]
            pictures[i, :, :small.shape[1], :small.shape[2]] = small
            tables.append(table)
        most = max(1, max(map(len, tables)))
        padded = np.zeros((BATCH, most, 15), np.float32)
        for i, table in enumerate(tables):
            padded[i, :len(table)] = table
        gain = torch.from_numpy(rng.uniform(0.75, 1.25, (BATCH, 1, 1, 1)).astype(np.float32))
        return torch.from_numpy(pictures).mul_(gain).clamp_(0, 255), torch.from_numpy(padded)


def place(faces, rng):
    """How much a piece of a scene is shrunk, and its left and top edges, px of the scene."""
    sides = np.sqrt((faces[:, 3:5] - faces[:, 1:3]).prod(1))
    fit = [(face, shrink) for face, side in zip(faces, sides) for shrink in SHRINKS
           if face[0] > 0 and LEAST <= side / shrink < MOST]
    if fit and rng.random() < AROUND_FACES:
        face, shrink = fit[rng.integers(len(fit))]
        middle = (face[1:3] + face[3:5]) / 2 + rng.uniform(-0.4, 0.4, 2) * SIDE * shrink
    else:
        shrink = SHRINKS[rng.integers(len(SHRINKS))]
        middle = rng.uniform(0, (WIDTH, HEIGHT))
    left, top = (int(np.clip(m - SIDE * shrink / 2, 0, max(0, extent - SIDE * shrink))) for m, extent in zip(middle, (WIDTH, HEIGHT)))
    return shrink, left, top


def shrunk(piece, shrink):
    """Means of blocks of shrink x shrink pixels."""
    if shrink == 1:
        return piece
    rows, columns = piece.shape[1] // shrink * shrink, piece.shape[2] // shrink * shrink
    total = np.zeros((3, rows // shrink, columns // shrink), np.uint16)
    for row in range(shrink):
        for column in range(shrink):
            total += piece[:, row:rows:shrink, column:columns:shrink]
    return total * np.float32(1 / shrink**2)


def moved(faces, corner, shrink):
    """Faces in a piece of the scene; of one that is half outside nothing is learnt, one quite outside is gone."""
    faces = faces.copy()
    faces[:, 1::2] = (faces[:, 1::2] - corner[0]) / shrink
    faces[:, 2::2] = (faces[:, 2::2] - corner[1]) / shrink
    low, high = np.clip(faces[:, 1:3], 0, None), np.clip(faces[:, 3:5], None, SIDE)
    visible = np.clip(high - low, 0, None).prod(1) / np.clip(faces[:, 3:5] - faces[:, 1:3], 1e-3, None).prod(1)
    faces[visible < 0.6, 0] = -1
    return faces[visible > 0.02]


def mirrored(faces, width):
    """Right and left are the person's own: eyes and corners of the mouth change places."""
    flipped = faces.copy()
    flipped[:, 1], flipped[:, 3] = width - faces[:, 3], width - faces[:, 1]
    points = faces[:, 5:].reshape(-1, 5, 2)[:, [1, 0, 2, 4, 3]].copy()
    points[:, :, 0] = width - points[:, :, 0]
    flipped[:, 5:] = points.reshape(-1, 10)
    return flipped


class Run:
    """The state of one training run: what a checkpoint holds."""

    def __init__(self):
        self.net = FaceNet().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        decayed = [p for p in self.net.parameters() if p.dim() > 1]
        others = [p for p in self.net.parameters() if p.dim() == 1]
        self.optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02},
                                            {"params": others, "weight_decay": 0}], lr=RATE)
        self.rng = np.random.default_rng(11)
        self.step = 0

    def parts(self):
        return {"net": self.net, "average": self.average, "optimizer": self.optimizer}

    def save(self, path):
        state = {name: part.state_dict() for name, part in self.parts().items()}
        torch.save({**state, "step": self.step, "random": self.rng.bit_generator.state}, path + ".new")
        os.replace(path + ".new", path)

    def resume(self, path):
        saved = torch.load(path)
        for name, part in self.parts().items():
            part.load_state_dict(saved[name])
        self.step, self.rng.bit_generator.state = saved["step"], saved["random"]


def train_step(run, scenes, rate):
    pictures, faces = scenes.batch(run.rng)
    score, box, points = losses(run.net.level(pictures.contiguous(memory_format=torch.channels_last)), faces)
    loss = score + box + 0.5 * points
    if not math.isfinite(loss.item()):
        raise SystemExit("The loss is no longer finite. Lower RATE.")
    run.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.net.parameters(), 5.0)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    run.optimizer.step()
    follow(run.average, run.net, run.step, most=0.997)
    run.step += 1
    return np.array([score.item(), box.item(), points.item()])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--anneal", type=int, default=3000)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    run, scenes = Run(), Scenes(args.work)
    checkpoint = f"{args.work}/detector.pt"
    if os.path.exists(checkpoint):
        run.resume(checkpoint)
    print(f"{sum(p.numel() for p in run.net.parameters())} parameters, from step {run.step}", flush=True)

    while run.step < args.steps:
        scenes.look()
        run.net.train()
        began, total, first = time.time(), np.zeros(3), run.step
        while run.step < min(args.steps, first + REPORT):
            rate = RATE * min(1, (run.step + 1) / WARM_UP, (args.steps - run.step) / args.anneal)
            total += train_step(run, scenes, rate)
            if run.step % 20 == 0:
                print(f"\rstep {run.step} of {args.steps}, {(time.time() - began) / (run.step - first):.2f} s a step ", end="", flush=True)
        losses_now = (total / (run.step - first)).round(4).tolist()
        line = {"step": run.step, "shards": len(scenes.shards), "seconds": round(time.time() - began), "losses": losses_now}
        with open(f"{args.work}/detector.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        print("\r" + json.dumps(line), flush=True)
        run.save(checkpoint)


if __name__ == "__main__":
    main()
