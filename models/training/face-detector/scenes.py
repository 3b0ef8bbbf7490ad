#!/usr/bin/python3
"""Makes the pictures that the face detector learns from, and has YuNet label them.

    scenes.py PHOTOS FERPLUS WORK [--shards 10] [--empty 6] [--size 300]

PHOTOS is a folder of photographs, of which those are used that photos.py gives to training; FERPLUS holds train.npz. WORK gets
scenes-N.u8 [n,3,224,352] (planes G, B, R) and scenes-N.npz (the faces; see write()). A shard that is there is not made again.

Three kinds of scenes: a piece of a photograph with its faces, at another size; a background with faces pasted in, from FER+
(tinted, with hair and shoulders drawn around) and from the photographs; a background by itself. Then light, blur, noise and
compression, as of cameras. The teacher sees the scene as the student does. The shards --empty hold pieces of photographs in which the
teacher sees nobody, as they are: what is not a face has more kinds than what is.
"""
import argparse
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

from light import degraded
from photos import faces_of, label, load, overlap, with_faces

WIDTH, HEIGHT = 352, 224
SMALLEST, LARGEST = 15, 200
# Side of a FER+ picture in sides of the teacher's box (models/own_fer.md).
FER_SIDE = 1.14
SURE, DOUBTFUL = 0.6, 0.3


def warped(pixels, middle, zoom, angle, size, mode):
    """A piece [c,size[1],size[0]] of a picture [c,h,w] around a point, enlarged by `zoom` and turned."""
    x = torch.as_tensor(pixels).float().unsqueeze(0)
    shrink = max(1, int(1 / zoom + 0.3))
    if shrink > 1:
        x = F.avg_pool2d(x, shrink, ceil_mode=True)
    width, height = size
    h, w = x.shape[2:]
    step = 1 / (zoom * shrink)
    a, b = math.cos(angle) * step, math.sin(angle) * step
    across, down = torch.arange(width) + 0.5 - width / 2, (torch.arange(height) + 0.5 - height / 2).view(-1, 1)
    column = (middle[0] / shrink + a * across - b * down) * 2 / w - 1
    row = (middle[1] / shrink + b * across + a * down) * 2 / h - 1
    return F.grid_sample(x, torch.stack([column, row], 2).unsqueeze(0), padding_mode=mode, align_corners=False)[0]


def side_of(face):
    return math.sqrt(face[3] * face[4])


class Studio:
    """Photographs and FER+ faces, and the scenes that are made of them."""

    def __init__(self, photos, portraits, rng):
        self.photos, self.portraits, self.rng = photos, portraits, rng
        self.faces = [(photo, face) for photo in photos for face in photo["faces"] if face[0] >= 0.7 and side_of(face) >= 12]
        self.sprites = [each for each in self.faces if side_of(each[1]) >= 26 and each[1][0] >= 0.8]
        self.empty = [photo for photo in photos if len(photo["faces"]) == 0]

    def one(self, things):
        return things[self.rng.integers(len(things))]

    def side(self, largest=LARGEST):
        return math.exp(self.rng.uniform(math.log(SMALLEST), math.log(largest)))

    def angle(self):
        return self.rng.normal(0, 0.16) if self.rng.random() < 0.5 else 0.0

    def piece(self):
        """A piece of a photograph around one of its faces."""
        photo, face = self.one(self.faces)
        zoom = min(self.side() / side_of(face), 5)
        size = np.array([WIDTH, HEIGHT])
        away = (self.rng.random(2) - 0.5) * np.maximum(size - zoom * face[3:5], 0) / zoom
        middle = face[1:3] + face[3:5] / 2 - away
        return warped(photo["pixels"], middle, zoom, self.angle(), (WIDTH, HEIGHT), self.one(["zeros", "reflection"]))

    def background(self, photos):
        return self.drawn() if self.rng.random() < 0.15 else self.view(photos, 0.55)

    def view(self, photos, smallest):
        """A piece of a photograph, wherever."""
        pixels = self.one(photos)["pixels"]
        _, h, w = pixels.shape
        zoom = math.exp(self.rng.uniform(math.log(smallest), math.log(2.5)))
        middle = [self.rng.uniform(min(s, WIDTH / zoom) / 2, s - min(s, WIDTH / zoom) / 2) for s in (w, h)]
        return warped(pixels, middle, zoom, self.angle() / 2, (WIDTH, HEIGHT), self.one(["zeros", "reflection"]))

    def drawn(self):
        """Clouds of colour under bars, discs and gratings."""
        rng = self.rng
        coarse = torch.from_numpy(rng.uniform(0, 255, (1, 3, rng.integers(2, 9), rng.integers(2, 12))).astype(np.float32))
        x = F.interpolate(coarse, (HEIGHT, WIDTH), mode="bicubic", align_corners=False)[0]
        down, across = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
        for _ in range(rng.integers(3, 16)):
            color = torch.from_numpy(rng.uniform(0, 255, (3, 1)).astype(np.float32))
            cx, cy, rx, ry = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), self.side(90), self.side(90)
            u, v = (across - cx) / rx, (down - cy) / ry
            inside = (u.abs() < 1) & (v.abs() < 1) if rng.random() < 0.5 else u * u + v * v < 1
            if rng.random() < 0.3:
                inside = inside & (torch.sin((across + down * rng.normal()) / rng.uniform(1, 6)) > 0)
            x[:, inside] = color
        return x

    def portrait(self, canvas):
        """Pastes a FER+ face, tinted, most with hair and shoulders."""
        rng = self.rng
        grey = torch.from_numpy(self.portraits[rng.integers(len(self.portraits))]).float()
        tone = [1.0, 1.0, 1.0]
        if rng.random() < 0.8:
            red = rng.uniform(0.95, 1.2)
            green = red * rng.uniform(0.68, 0.88)
            tone = [green, green * rng.uniform(0.68, 0.95), red]
        tone = torch.tensor(tone).view(3, 1, 1) * rng.uniform(0.6, 1.15)
        picture = grey.unsqueeze(0) * tone
        down, across = torch.meshgrid(*[(torch.arange(48) + 0.5 - 24) / 24] * 2, indexing="ij")
        rounded = (across / rng.uniform(0.78, 1.0)) ** 2 + ((down - 0.03) / rng.uniform(0.95, 1.15)) ** 2
        mask = torch.sigmoid((1 - rounded) * rng.uniform(5, 14))
        side = self.side()
        center = [rng.uniform(0, WIDTH), rng.uniform(0.2 * HEIGHT, 0.95 * HEIGHT)]
        if rng.random() < 0.7:
            self.body(canvas, center, side * FER_SIDE / 2, tone)
        zoom = side * FER_SIDE / 48
        self.blend(canvas, torch.cat([picture, mask.unsqueeze(0)]), (24, 24), zoom, center)
        left, top = center[0] - side / 2, center[1] - side / 2
        return [left, top, left + side, top + side]

    def body(self, canvas, center, radius, tone):
        rng = self.rng
        down, across = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
        u, v = (across - center[0]) / radius, (down - center[1]) / radius
        hair = torch.tensor(rng.uniform(5, 130) * np.sort(rng.uniform(0.4, 1.1, 3))[[1, 0, 2]], dtype=torch.float32)
        cloth = torch.tensor(rng.uniform(0, 255, 3), dtype=torch.float32)
        for inside, color in (((u / 2.1) ** 2 + ((v - 2.9) / 1.7) ** 2 < 1, cloth),
                              ((u.abs() < 0.5) & (v > 0) & (v < 1.6), 110 * tone.flatten()),
                              ((u / rng.uniform(1.0, 1.25)) ** 2 + ((v + 0.15) / rng.uniform(1.15, 1.4)) ** 2 < 1, hair)):
            canvas[:, inside] = color.view(3, 1)

    def sprite(self, canvas):
        """Pastes a face of a photograph with some of what is around it."""
        rng = self.rng
        photo, face = self.one(self.sprites)
        width, height = face[3:5] * rng.uniform(1.3, 2.2)
        middle = face[1:3] + face[3:5] / 2
        pixels = torch.from_numpy(photo["pixels"]).float()
        _, h, w = pixels.shape
        u = (torch.arange(w) + 0.5 - middle[0]) / (width / 2)
        v = ((torch.arange(h) + 0.5 - middle[1]) / (height / 2)).view(-1, 1)
        mask = torch.sigmoid((1 - (u * u + v * v)) * rng.uniform(4, 12))
        zoom = min(self.side() / side_of(face), 4)
        center = [rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)]
        reach_x, reach_y = int(width), int(height)
        left, top = max(0, int(middle[0]) - reach_x), max(0, int(middle[1]) - reach_y)
        cut = (slice(None), slice(top, int(middle[1]) + reach_y), slice(left, int(middle[0]) + reach_x))
        self.blend(canvas, torch.cat([pixels, mask.unsqueeze(0)])[cut], (middle[0] - left, middle[1] - top), zoom, center)

    def blend(self, canvas, masked, middle, zoom, center):
        """Lays a picture [4,h,w], the last plane its mask, with its `middle` on the canvas's `center`."""
        laid_x, laid_y = (int(min(2 * s, 1.5 * zoom * extent)) for s, extent in zip((WIDTH, HEIGHT), masked.shape[:0:-1]))
        left, top = int(center[0]) - laid_x // 2, int(center[1]) - laid_y // 2
        size = (max(laid_x, 8), max(laid_y, 8))
        laid = warped(masked, middle, zoom, self.angle(), size, "zeros")
        if self.rng.random() < 0.5:
            laid = torch.flip(laid, [2])
        rows = slice(max(0, top), min(HEIGHT, top + size[1]))
        columns = slice(max(0, left), min(WIDTH, left + size[0]))
        laid = laid[:, rows.start - top:rows.stop - top, columns.start - left:columns.stop - left]
        under = canvas[:, rows, columns]
        canvas[:, rows, columns] = under + (laid[:3] - under) * laid[3:]

    def nobody(self):
        """A picture [3,224,352] uint8 without a face."""
        return self.view(self.empty, 0.35).clamp(0, 255).round().to(torch.uint8), []

    def scene(self):
        """A picture [3,224,352] uint8 and where FER+ faces were pasted [k,4]."""
        kind, pasted = self.rng.random(), []
        if kind < 0.42:
            canvas = self.piece()
            if self.rng.random() < 0.3:
                self.sprite(canvas)
        elif kind < 0.8:
            canvas = self.background(self.photos)
            for _ in range(self.rng.integers(1, 6)):
                if self.rng.random() < 0.65:
                    pasted.append(self.portrait(canvas))
                else:
                    self.sprite(canvas)
        else:
            canvas = self.background(self.empty if self.rng.random() < 0.7 else self.photos)
        return degraded(canvas, self.rng), pasted


def write(path, rows, pasted):
    """faces [n,k,15]: score, left, top, right, bottom, points; score 0 where there is none, -1 where nothing is to be learnt:
    the teacher doubts, or does not see what was pasted."""
    kept = []
    for number, boxes in enumerate(pasted):
        faces = faces_of(rows, number).copy()
        faces[:, 3:5] += faces[:, 1:3]
        faces[faces[:, 0] < SURE, 0] = -1
        unseen = [np.array([-1, *box, *[0] * 10]) for box in boxes
                  if (overlap(np.array(box), faces[:, 1:5]) < DOUBTFUL).all()]
        kept.append(np.array([*faces, *unseen]).reshape(-1, 15))
    table = np.zeros((len(kept), max(1, *map(len, kept)), 15), np.float32)
    for number, faces in enumerate(kept):
        table[number, :len(faces)] = faces
    np.savez(path, faces=table)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photos")
    parser.add_argument("ferplus")
    parser.add_argument("work")
    parser.add_argument("--shards", type=int, default=10)
    parser.add_argument("--empty", type=int, default=6)
    parser.add_argument("--size", type=int, default=300)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.work, exist_ok=True)
    photos = with_faces(load(args.photos, ["train"]), f"{args.work}/photos")
    fer = np.load(f"{args.ferplus}/train.npz")
    portraits = fer["x"][fer["v"].argmax(1) < 8]
    names = [f"scenes-{number}" for number in range(args.shards)] + [f"scenes-empty-{number}" for number in range(args.empty)]
    for shard, name in enumerate(names):
        path = f"{args.work}/{name}"
        if os.path.exists(path + ".npz"):
            continue
        studio = Studio(photos, portraits, np.random.default_rng([7, shard]))
        frames, pasted = np.empty((args.size, 3, HEIGHT, WIDTH), np.uint8), []
        for number in range(args.size):
            picture, boxes = studio.nobody() if shard >= args.shards else studio.scene()
            frames[number] = picture.numpy()
            pasted.append(boxes)
            if number % 50 == 0:
                print(f"\rshard {shard + 1} of {len(names)}, {100 * number // args.size:3d} % ", end="", flush=True)
        write(path + ".npz", label(frames, path), pasted)


if __name__ == "__main__":
    main()
