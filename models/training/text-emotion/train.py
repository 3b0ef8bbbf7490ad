#!/usr/bin/python3
"""Trains the text-emotion model on GoEmotions (Demszky et al. 2020) and exports it to ONNX.

    train.py DATA OUT [--seed 0]

DATA holds goemotions/train.tsv (28 labels) and ekman/train.tsv (the same messages, 7 labels): text, labels, id. OUT gets
text-emotion.onnx and train.json. Needs Debian's python3-sklearn, python3-torch and python3-onnx. Every step is kept in OUT,
and a run that was stopped goes on after its last whole step.

Two models read the same weighted features and are averaged: logistic regression, one class against the rest, and a small
network with a hidden layer, which also learns the 28 finer labels. Both are fitted four times on three quarters of train.tsv,
and the scores of the quarter left out choose the thresholds and the slope and offset that turn scores into probabilities
(Platt 1999). Then both are fitted on all of it. The dev set is not read here.
"""
import argparse
import json
import os
import pickle

import numpy as np
import scipy.sparse as sparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from export import export
from features import features

CLASSES = ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
FINE = 28
RAREST = (2, 4)
"""Messages that must hold a feature, for words and for letters."""
FOLDS = 4
INVERSE_PENALTY = 0.7
WIDTH, HIDDEN, EPOCHS, BATCH = 24, 64, 3, 128
DEEP_SHARE = 0.3


def read(data):
    """Texts, the 7 classes [n,7] and the 28 labels [n,28]."""
    texts, tables = [], []
    for name, count in (("ekman", len(CLASSES)), ("goemotions", FINE)):
        with open(f"{data}/{name}/train.tsv", encoding="utf-8", newline="\n") as file:
            rows = [line.rstrip("\n").split("\t") for line in file][1:]
        rows = [row for row in rows if len(row) == 3]
        table = np.zeros((len(rows), count), np.float32)
        for i, row in enumerate(rows):
            table[i, [int(label) for label in row[1].split(",")]] = 1
        texts = [row[0] for row in rows]
        tables.append(table)
    return texts, *tables


class Family:
    """Words or letters: which hashes have a row, how much each weighs, and the messages as weighted rows."""

    def __init__(self, counts, rarest):
        seen = np.fromiter((h for c in counts for h in c), np.uint32)
        hashes, messages = np.unique(seen, return_counts=True)
        common = messages >= rarest
        self.hashes = hashes[common]
        self.idf = (np.log((1 + len(counts)) / (1 + messages[common])) + 1).astype(np.float32)
        self.matrix = self.weighted(counts)

    def weighted(self, counts):
        """Term frequency, damped, times inverse document frequency; each message of length 1."""
        row_of = {int(h): i for i, h in enumerate(self.hashes)}
        rows, columns, values = [], [], []
        for i, count in enumerate(counts):
            for feature, times in count.items():
                if feature in row_of:
                    rows.append(i)
                    columns.append(row_of[feature])
                    values.append(1 + np.log(times))
        matrix = sparse.csr_matrix((np.array(values, np.float32), (rows, columns)), (len(counts), len(self.hashes)))
        matrix = matrix @ sparse.diags(self.idf)
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
        return (sparse.diags(1 / np.maximum(length, 1e-9)) @ matrix).tocsr().astype(np.float32)


def fit_linear(x, y):
    """Weights [features,7] and bias [7]."""
    weights, bias = [], []
    for c in range(len(CLASSES)):
        model = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", dual=True, class_weight="balanced", max_iter=60,
                                   random_state=0).fit(x, y[:, c])
        weights.append(model.coef_[0])
        bias.append(model.intercept_[0])
        print(f"\rlinear {c + 1}/{len(CLASSES)} ", end="", flush=True)
    return {"weights": np.array(weights, np.float32).T, "bias": np.array(bias, np.float32)}


class Deep(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.embedding = nn.EmbeddingBag(rows, WIDTH, mode="sum", sparse=True)
        nn.init.normal_(self.embedding.weight, 0, 0.05)
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN + WIDTH, len(CLASSES) + FINE)

    def forward(self, indices, values, offsets):
        if self.training:
            values = values * (torch.rand_like(values) > 0.4) / 0.6
        x = self.embedding(indices, offsets, per_sample_weights=values)
        return self.out(torch.cat([F.dropout(torch.relu(self.hidden(x)), 0.3, self.training), x], 1))


def bags(x):
    return (torch.from_numpy(x.indices.astype(np.int64)), torch.from_numpy(x.data), torch.from_numpy(x.indptr[:-1].astype(np.int64)))


def fit_deep(x, targets, seed):
    """The small network; rates fall to 0 over the run, since it soon learns the messages by heart."""
    torch.manual_seed(seed)
    net = Deep(x.shape[1]).train()
    rows = torch.optim.SparseAdam([net.embedding.weight], lr=5e-3)
    rest = torch.optim.AdamW([*net.hidden.parameters(), *net.out.parameters()], lr=3e-3, weight_decay=1e-3)
    share = targets.mean(0)
    positive = ((1 - share) / share) ** 0.5
    emphasis = torch.cat([torch.ones(len(CLASSES)), torch.full((FINE,), 0.3)])
    steps, step = EPOCHS * -(-x.shape[0] // BATCH), 0
    for epoch in range(EPOCHS):
        order = np.random.default_rng(epoch + 10 * seed).permutation(x.shape[0])
        for i in range(0, len(order), BATCH):
            for optimizer, rate in ((rows, 5e-3), (rest, 3e-3)):
                optimizer.param_groups[0]["lr"] = rate * (1 - step / steps)
                optimizer.zero_grad()
            chosen = order[i:i + BATCH]
            scores = net(*bags(x[chosen]))
            loss = F.binary_cross_entropy_with_logits(scores, targets[chosen], pos_weight=positive, reduction="none")
            (loss * emphasis).sum(1).mean().backward()
            rows.step()
            rest.step()
            step += 1
            if step % 20 == 0:
                print(f"\rdeep {100 * step // steps:3d} % ", end="", flush=True)
    return net.eval()


@torch.no_grad()
def scores_of(x, linear, deep):
    """Scores of both models [n,7]."""
    return x @ linear["weights"] + linear["bias"], deep(*bags(x)).numpy()[:, : len(CLASSES)]


def best_threshold(scores, truth):
    grid = np.quantile(scores, np.linspace(0.3, 0.995, 140))
    return float(max(grid, key=lambda t: f1_score(truth, scores > t)))


def choose(linear_scores, deep_scores, truth):
    """How the scores of both are averaged, cut and made probabilities: from scores of messages left out."""
    mixed = mix(linear_scores, deep_scores)
    platt = [LogisticRegression(C=1e3).fit(mixed[:, [c]], truth[:, c]) for c in range(len(CLASSES))]
    thresholds = [best_threshold(mixed[:, c], truth[:, c]) for c in range(len(CLASSES))]
    named = mixed > np.array(thresholds)
    return {"thresholds": np.array(thresholds, np.float32),
            "slope": np.array([p.coef_[0, 0] for p in platt], np.float32),
            "offset": np.array([p.intercept_[0] for p in platt], np.float32),
            "left_out_f1": dict(zip(CLASSES, f1_score(truth, named, average=None).round(3).tolist())),
            "left_out_macro_f1": round(float(f1_score(truth, named, average="macro")), 4)}


def mix(linear_scores, deep_scores):
    return (1 - DEEP_SHARE) * linear_scores + DEEP_SHARE * deep_scores


def kept(path, make):
    """What a step gave, from the file where it was kept or from the step itself."""
    if os.path.exists(path):
        with open(path, "rb") as file:
            return pickle.load(file)
    made = make()
    with open(path + ".new", "wb") as file:
        pickle.dump(made, file)
    os.replace(path + ".new", path)
    print(f"\r{os.path.basename(path)} ", flush=True)
    return made


def prepare(data):
    texts, ekman, fine = read(data)
    counts = [features(text) for text in texts]
    families = [Family([c[k] for c in counts], rarest) for k, rarest in enumerate(RAREST)]
    return families, ekman, fine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.out, exist_ok=True)
    families, ekman, fine = kept(f"{args.out}/features.pickle", lambda: prepare(args.data))
    x = sparse.hstack([family.matrix for family in families]).tocsr()
    targets = torch.from_numpy(np.hstack([ekman, fine]))
    fold = np.random.default_rng(1).permutation(x.shape[0]) % FOLDS
    print(f"{x.shape[0]} messages, {' + '.join(str(len(f.hashes)) for f in families)} features", flush=True)

    def step(name, make):
        return kept(f"{args.out}/{name}.pickle", make)

    left_out = np.zeros((2, *ekman.shape), np.float32)
    for k in range(FOLDS):
        rest, most = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        linear = step(f"linear-{k}", lambda: fit_linear(x[most], ekman[most]))
        deep = step(f"deep-{k}", lambda: fit_deep(x[most], targets[most], args.seed))
        left_out[:, rest] = scores_of(x[rest], linear, deep)
    chosen = choose(*left_out, ekman)
    print(json.dumps({key: chosen[key] for key in ("left_out_macro_f1", "left_out_f1")}), flush=True)
    linear = step("linear-all", lambda: fit_linear(x, ekman))
    deep = step("deep-all", lambda: fit_deep(x, targets, args.seed))
    export(f"{args.out}/text-emotion.onnx", families, linear, deep, chosen, DEEP_SHARE)
    with open(f"{args.out}/train.json", "w") as file:
        json.dump({key: chosen[key] for key in ("left_out_macro_f1", "left_out_f1")}, file, indent=1)


if __name__ == "__main__":
    main()
