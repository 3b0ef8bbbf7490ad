#!/usr/bin/python3
"""Frames of photographs that are neither trained on nor measured: they choose the weights and the threshold.

    dev.py PHOTOS WORK

WORK gets dev.u8 [n,3,384,640] (planes G, B, R) and dev.f32, YuNet's faces: each photograph as a camera of 640x360 might show it, and
pieces of it at other sizes.
"""
import argparse

import numpy as np
import torch

from model import STRIDES, decoded
from photos import decode, faces_of, label, load, overlap, with_pixels

WIDTH, HEIGHT = 640, 384
PIECES = 3
# Faces that count, px high, and the score from which the teacher is believed.
LEAST, MOST, SURE = 24, 160, 0.8
FALSE_PER_100 = 1.0
SUPPRESSED = 0.3


def make(photos, path):
    from scenes import warped
    rng = np.random.default_rng(5)
    frames = []
    for photo in photos:
        _, h, w = photo["pixels"].shape
        fit = min(640 / w, 360 / h)
        for piece in range(1 + PIECES):
            zoom = fit if piece == 0 else np.exp(rng.uniform(np.log(0.6), np.log(2.2)))
            middle = [w / 2, h / 2] if piece == 0 else [rng.uniform(0.2, 0.8) * w, rng.uniform(0.2, 0.8) * h]
            frame = np.zeros((3, HEIGHT, WIDTH), np.uint8)
            frame[:, :360] = warped(photo["pixels"], middle, zoom, 0, (640, 360), "zeros").round().numpy()
            frames.append(frame)
    label(np.stack(frames), path)


def load_dev(work):
    """Frames [n,3,384,640] (B, G, R) and the teacher's rows."""
    frames = np.memmap(f"{work}/dev.u8", np.uint8, "r").reshape(-1, 3, HEIGHT, WIDTH)
    return frames, np.fromfile(f"{work}/dev.f32", np.float32).reshape(-1, 16)


def detections(levels, least):
    """Faces [k,5] of one frame above a logit, best first, of overlapping ones the best: logit, left, top, right, bottom."""
    found = []
    for level, stride in zip(levels, STRIDES):
        logits, boxes, _ = decoded(level, stride)
        chosen = logits[0] > least
        found.append(torch.cat([logits[0, chosen].unsqueeze(1), boxes[0, chosen]], 1))
    found = torch.cat(found).numpy()
    found, kept = found[np.argsort(-found[:, 0])][:400], []
    for each in found:
        if not kept or overlap(each[1:], np.array(kept)[:, 1:]).max() <= SUPPRESSED:
            kept.append(each)
    return np.array(kept).reshape(-1, 5)


@torch.no_grad()
def judge(net, dev):
    """Threshold (a logit) with at most FALSE_PER_100 false alarms per 100 frames of photographs in which the teacher sees nobody, and
    the recall and mean overlap there."""
    frames, rows = dev
    net.eval()
    wanted, false = [], []
    photo_of = np.arange(len(frames)) // (1 + PIECES)
    peopled = set(photo_of[rows[:, 0].astype(int)])
    for number in range(len(frames)):
        x = torch.from_numpy(frames[number][[1, 0, 2]].astype(np.float32)).unsqueeze(0)
        found = detections(net(x.contiguous(memory_format=torch.channels_last)), -4.0)
        faces = faces_of(rows, number)[:, :5].copy()
        faces[:, 3:] += faces[:, 1:3]
        height = faces[:, 4] - faces[:, 2]
        for face in faces[(faces[:, 0] >= SURE) & (height >= LEAST) & (height <= MOST)]:
            overlaps = overlap(face[1:], found[:, 1:]) if len(found) else np.zeros(0)
            hits = overlaps >= 0.5
            wanted.append((found[hits, 0].max(), overlaps[hits].max()) if hits.any() else (-99, 0))
        if photo_of[number] not in peopled:
            false.extend(found[:, 0])
    empty = sum(photo not in peopled for photo in photo_of)
    allowed = int(FALSE_PER_100 * empty / 100)
    threshold = float(sorted(false, reverse=True)[allowed]) if len(false) > allowed else -4.0
    wanted = np.array(wanted)
    hit = wanted[:, 0] > threshold
    return {"threshold": round(threshold, 3), "empty_frames": empty, "recall": round(float(hit.mean()), 4), "faces": len(wanted),
            "found_at_all": round(float((wanted[:, 0] > -4).mean()), 4), "iou": round(float(wanted[hit, 1].mean()) if hit.any() else 0, 4)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photos")
    parser.add_argument("work")
    args = parser.parse_args()
    torch.set_num_threads(1)
    photos = load(args.photos, ["dev"])
    make(with_pixels(photos, decode(photos)), f"{args.work}/dev")


if __name__ == "__main__":
    main()
