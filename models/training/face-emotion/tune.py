#!/usr/bin/python3
"""Trains an exported network a little further, at a low rate.

    tune.py DATA NETWORK.onnx OUT.pt [--epochs 3] [--rate 0.006] [--threads 2]

NETWORK is an ONNX file of one member (its normalizations are folded into its convolutions, and stay so). The rate falls
linearly to nothing; OUT gets the average of the weights after every epoch, for export.py. Classes weigh and pictures change as in train.py.
"""
import argparse
import copy
import json
import time

import torch
import torch.nn.functional as F

from member import from_onnx
from model import SIZE, augment, load, logits, normalize, report, split
from train import BATCH, class_weights, follow


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("network")
    parser.add_argument("out")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.006)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    images, targets, _ = load(f"{args.data}/train.npz")
    trained, _ = split(len(images))
    images, targets = images[trained], targets[trained]
    valid_images, _, valid_labels = load(f"{args.data}/valid.npz")
    net = from_onnx(args.network).to(memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=args.rate, momentum=0.9, nesterov=True, weight_decay=2e-4)
    weights, steps, step = class_weights(targets), len(images) // BATCH, 0
    for epoch in range(args.epochs):
        net.train()
        began, total, order = time.time(), 0.0, torch.randperm(len(images))
        for i in range(0, steps * BATCH, BATCH):
            optimizer.param_groups[0]["lr"] = args.rate * (1 - step / (steps * args.epochs))
            chosen = order[i:i + BATCH]
            x = augment(normalize(images[chosen]), SIZE).contiguous(memory_format=torch.channels_last)
            loss = -(targets[chosen] * weights * F.log_softmax(net(x), 1)).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            follow(average, net, step)
            step += 1
            total += loss.item()
            if step % 20 == 0:
                print(f"\repoch {epoch + 1}/{args.epochs} {100 * (step % steps) // steps:3d} % loss {total * BATCH / (i + BATCH):.3f} ", end="", flush=True)
        line = {"epoch": epoch + 1, "seconds": round(time.time() - began), "loss": round(total / steps, 4),
                **report(logits(average, valid_images), valid_labels)}
        print("\r" + json.dumps(line), flush=True)
        torch.save(average, args.out)


if __name__ == "__main__":
    main()
