"""Trains own-vad, the small voice activity network, and writes it as ONNX.

    /usr/bin/python3 models/training/voice-activity/train.py EMODB SPEECH NOISE [--out models/own_vad.onnx] [--work DIR]

Folders of clips as docs/voice.md names them. Seeded. What was mixed and the state after every epoch lie in --work, so that an
interrupted run goes on where it was.
"""
import argparse
import os
import sys
import time

import numpy as np
import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from mix import CHUNK, Mixer, corpora  # noqa: E402
from sound import LogMel  # noqa: E402

BANDS, WIDTH = 40, 48
CONTEXT = 256
STRETCHES, EPOCHS, BATCH = 1280, 20, 32


class VoiceActivity(nn.Module):
    """[1, 256 + 512] samples and a state [1, 1, 48] -> probability of speech [1, 1] and the next state.

    Two log-mel frames of 32 ms a chunk, one hidden layer, one GRU. Causal: nothing after the chunk is seen.
    """

    def __init__(self):
        super().__init__()
        self.mel = LogMel(fft=512, window=512, hop=256, bands=BANDS)
        self.inner = nn.Linear(2 * BANDS, WIDTH)
        self.memory = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.outer = nn.Linear(WIDTH, 1)

    def logits(self, power, state):
        """`power` [n, chunks, 2 * BANDS] -> logits [n, chunks], state."""
        loud = (torch.log(power + 1e-5) + 4.0) / 4.0
        hidden, state = self.memory(torch.relu(self.inner(loud)), state)
        return self.outer(hidden).squeeze(2), state

    def forward(self, samples, state):
        power = self.mel(samples).transpose(1, 2).reshape(1, 1, 2 * BANDS)
        logits, state = self.logits(power, state)
        return torch.sigmoid(logits), state


def mix(args, net):
    """Mel power [n, chunks, 80] (as logarithms, half precision) and labels [n, chunks] of all stretches."""
    path = os.path.join(args.work, f"mixed-{STRETCHES}.npz")
    if os.path.exists(path):
        saved = np.load(path)
        return saved["power"], saved["labels"]
    mixer = Mixer(*corpora(args.emodb, args.speech, args.noise), np.random.default_rng(args.seed))
    powers, labels = [], []
    for i in range(STRETCHES):
        samples, active = mixer.draw()
        padded = np.concatenate([np.zeros(CONTEXT, np.float32), samples])
        with torch.no_grad():
            power = net.mel(torch.from_numpy(padded)[None])[0].T.reshape(-1, 2 * BANDS)
        powers.append(np.log(power.numpy() + 1e-9).astype(np.float16))
        labels.append(active)
        if i % 50 == 0:
            print(f"\rmixing {i}/{STRETCHES}", end="", flush=True)
    print()
    np.savez(path, power=np.stack(powers), labels=np.stack(labels))
    return np.stack(powers), np.stack(labels)


def balanced_error(net, power, labels):
    net.eval()
    with torch.no_grad():
        said = np.concatenate([
            (net.logits(torch.exp(torch.from_numpy(part.astype(np.float32))), None)[0] > 0).numpy()
            for part in np.array_split(power, max(1, len(power) // BATCH))
        ])
    return (np.mean(~said[labels]) + np.mean(said[~labels])) / 2


def train(args, net, power, labels):
    random = np.random.default_rng(args.seed + 1)
    kept = len(power) * 15 // 16
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=EPOCHS * (kept // BATCH))
    balance = torch.tensor(float((~labels).sum() / labels.sum()))
    checkpoint = os.path.join(args.work, "state.pt")
    first = 0
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["epoch"] + 1
    for epoch in range(first, EPOCHS):
        began, losses = time.time(), []
        net.train()
        order = random.permutation(kept)
        for at in range(0, kept - BATCH + 1, BATCH):
            rows = np.sort(order[at: at + BATCH])
            gain = random.normal(0, 1.5, (BATCH, 1, 1)).astype(np.float32)
            x = torch.exp(torch.from_numpy(power[rows].astype(np.float32) + gain))
            y = torch.from_numpy(labels[rows].astype(np.float32))
            loss = nn.functional.binary_cross_entropy_with_logits(net.logits(x, None)[0], y, pos_weight=balance)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        error = balanced_error(net, power[kept:], labels[kept:])
        print(f"epoch {epoch + 1}/{EPOCHS}: loss {np.mean(losses):.4f}, held-out mixtures {error:.4f}, {time.time() - began:.0f} s", flush=True)
        torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch}, checkpoint)


def export(net, path):
    net.eval()
    torch.onnx.export(
        net, (torch.zeros(1, CONTEXT + CHUNK), torch.zeros(1, 1, WIDTH)), path, opset_version=13, do_constant_folding=False,
        input_names=["input", "state"], output_names=["output", "stateN"],
    )
    print(f"{path}: {os.path.getsize(path)} bytes, {sum(p.numel() for p in net.parameters())} parameters")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for corpus in ("emodb", "speech", "noise"):
        parser.add_argument(corpus)
    parser.add_argument("--out", default="models/own_vad.onnx")
    parser.add_argument("--work", default="own-vad-training")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    torch.manual_seed(args.seed)
    net = VoiceActivity()
    train(args, net, *mix(args, net))
    export(net, args.out)


if __name__ == "__main__":
    main()
