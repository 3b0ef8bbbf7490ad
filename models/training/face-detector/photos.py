"""The photographs, and which of them are for training: what scenes.py and dev.py share."""
import glob
import hashlib
import os
import subprocess

import numpy as np

SIDE = 576
REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")


def part_of(digest):
    """Of ten photographs seven are trained on, one chooses the threshold (dev), two are only measured."""
    number = int(digest[:8], 16) % 10
    return "measured" if number < 2 else "dev" if number == 2 else "train"


def read_frames(args, width, height):
    """Frames [n,3,height,width] uint8, planes G, B, R, that ffmpeg writes."""
    command = ["ffmpeg", "-v", "error", "-nostdin", *args, "-pix_fmt", "gbrp", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 3, height, width).copy()


def fitted(width, height):
    """A filter that fits a picture into such a frame, at the top left, the rest black."""
    return f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}"


def label(frames, path, model="yunet-dynamic"):
    """The rows of label.ts for frames [n,3,h,w], which lie at path + .u8 meanwhile and afterwards."""
    frames.tofile(path + ".u8")
    height, width = frames.shape[2:]
    node, script = (os.path.join(REPOSITORY, each) for each in ("scripts/node", "models/training/face-detector/label.ts"))
    subprocess.run([node, script, path + ".u8", str(width), str(height), path + ".f32", "--model", model], check=True)
    return np.fromfile(path + ".f32", np.float32).reshape(-1, 16)


def faces_of(rows, number):
    """The faces [k,15] of one frame: score, left, top, width, height, points."""
    return rows[rows[:, 0] == number][:, 1:]


def overlap(box, boxes):
    """Intersection over union of one box with many."""
    inner = np.clip(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]), 0, None).prod(1)
    return inner / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - inner)


def load(folder, parts):
    """Photographs of these parts: dictionaries of file and part, in the order of their names."""
    photos = []
    for file in sorted(glob.glob(os.path.join(folder, "*.jpg"))):
        with open(file, "rb") as data:
            part = part_of(hashlib.sha256(data.read()).hexdigest())
        if part in parts:
            photos.append({"file": file, "part": part})
    return photos


def decode(photos):
    """Frames [n,3,576,576] uint8 (G, B, R), each photograph at the top left."""
    return np.stack([read_frames(["-i", photo["file"], "-vf", fitted(SIDE, SIDE)], SIDE, SIDE)[0] for photo in photos])


def with_pixels(photos, frames):
    """Adds the pixels [3,h,w] of each photograph, without the black beside and below it."""
    for photo, frame in zip(photos, frames):
        filled = frame.max(0) > 8
        height, width = filled.any(1).nonzero()[0].max() + 1, filled.any(0).nonzero()[0].max() + 1
        photo["pixels"] = frame[:, :height, :width]
    return photos


def with_faces(photos, path):
    """Adds pixels, and the faces that YuNet sees; what was decoded and labelled lies at `path` for the next time."""
    if os.path.exists(path + ".f32"):
        frames, rows = np.fromfile(path + ".u8", np.uint8).reshape(-1, 3, SIDE, SIDE), np.fromfile(path + ".f32", np.float32)
        rows = rows.reshape(-1, 16)
    else:
        frames = decode(photos)
        rows = label(frames, path)
    for number, photo in enumerate(with_pixels(photos, frames)):
        photo["faces"] = faces_of(rows, number)
    return photos
