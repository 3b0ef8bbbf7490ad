#!/usr/bin/python3
"""Trains the text-emotion model on GoEmotions (Demszky et al. 2020) and exports it to ONNX.

    train.py DATA OUT

DATA holds ekman/train.tsv: text, labels (7 classes), id. OUT gets text-emotion.onnx and train.json. Needs Debian's
python3-sklearn and python3-onnx. Every step is kept in OUT, and a run that was stopped goes on after its last whole step.

One logistic regression for each class against the rest reads weighted features, each scaled by how differently it is spread
over the two sides: what tells them apart is regularized less (the log-count ratio of Wang & Manning 2012, "Baselines and
Bigrams", interpolated with a constant as theirs). It is fitted four times on three quarters of train.tsv, and the scores of the
quarter left out choose the thresholds and the slope and offset that turn scores into probabilities (Platt 1999). Then it is
fitted on all of it. The dev set is not read here.
"""
import argparse
import json
import os
import pickle

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from export import export
from features import features

CLASSES = ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
RAREST = (2, 4)
"""Messages that must hold a feature, for words and for letters."""
FOLDS = 4
INVERSE_PENALTY = 0.7
EVEN_SHARE = 0.35
"""Of the scale of a feature; the rest is its ratio over the mean ratio."""
SMOOTHING = 0.5
"""Messages added to the count of every feature on both sides."""


def read(data):
    """Texts, and which of the 7 classes each has: [n,7]."""
    with open(f"{data}/ekman/train.tsv", encoding="utf-8", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    rows = [row for row in rows if len(row) == 3]
    truth = np.zeros((len(rows), len(CLASSES)), np.float32)
    for i, row in enumerate(rows):
        truth[i, [int(label) for label in row[1].split(",")]] = 1
    return [row[0] for row in rows], truth


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


def scales(x, truth):
    """How much each feature is magnified: the more, the more unevenly it is spread over the class and the rest."""
    present = (x > 0).astype(np.float32)
    inside, outside = (np.asarray(present[side].sum(0)).ravel() + SMOOTHING for side in (truth > 0, truth == 0))
    ratio = np.abs(np.log((inside / inside.sum()) / (outside / outside.sum())))
    return (EVEN_SHARE + (1 - EVEN_SHARE) * ratio / ratio.mean()).astype(np.float32)


def fit(x, truth):
    """Weights [features,7], for features as they are, and bias [7]."""
    weights, bias = [], []
    for c in range(len(CLASSES)):
        scale = scales(x, truth[:, c])
        model = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", dual=True, class_weight="balanced", max_iter=60,
                                   random_state=0).fit(x @ sparse.diags(scale), truth[:, c])
        weights.append(model.coef_[0] * scale)
        bias.append(model.intercept_[0])
        print(f"\rclass {c + 1}/{len(CLASSES)} ", end="", flush=True)
    return {"weights": np.array(weights, np.float32).T, "bias": np.array(bias, np.float32)}


def best_threshold(scores, truth):
    """The cut of highest F1, half-way between two scores."""
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(scores) + 1) + truth.sum())
    last = int(f1[:-1].argmax())
    return (scores[order[last]] + scores[order[last + 1]]) / 2


def choose(scores, truth):
    """How scores are cut and made probabilities: from scores of messages left out."""
    platt = [LogisticRegression(C=1e3).fit(scores[:, [c]], truth[:, c]) for c in range(len(CLASSES))]
    thresholds = np.array([best_threshold(scores[:, c], truth[:, c]) for c in range(len(CLASSES))], np.float32)
    f1 = f1_score(truth, scores > thresholds, average=None)
    return {"thresholds": thresholds,
            "slope": np.array([p.coef_[0, 0] for p in platt], np.float32),
            "offset": np.array([p.intercept_[0] for p in platt], np.float32),
            "left_out_f1": dict(zip(CLASSES, f1.round(3).tolist())),
            "left_out_macro_f1": round(float(f1.mean()), 4)}


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
    texts, truth = read(data)
    counts = [features(text) for text in texts]
    return [Family([c[k] for c in counts], rarest) for k, rarest in enumerate(RAREST)], truth


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    families, truth = kept(f"{args.out}/features.pickle", lambda: prepare(args.data))
    x = sparse.hstack([family.matrix for family in families]).tocsr()
    fold = np.random.default_rng(1).permutation(x.shape[0]) % FOLDS
    print(f"{x.shape[0]} messages, {' + '.join(str(len(f.hashes)) for f in families)} features", flush=True)

    left_out = np.zeros_like(truth)
    for k in range(FOLDS):
        rest, most = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        model = kept(f"{args.out}/model-{k}.pickle", lambda: fit(x[most], truth[most]))
        left_out[rest] = x[rest] @ model["weights"] + model["bias"]
    chosen = choose(left_out, truth)
    model = kept(f"{args.out}/model.pickle", lambda: fit(x, truth))
    export(f"{args.out}/text-emotion.onnx", families, model, chosen)
    figures = json.dumps({key: chosen[key] for key in ("left_out_macro_f1", "left_out_f1")}, indent=1)
    print(figures, flush=True)
    with open(f"{args.out}/train.json", "w") as file:
        file.write(figures)


if __name__ == "__main__":
    main()
