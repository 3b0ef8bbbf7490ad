#!/usr/bin/python3
"""Writes features.vectors.json: texts, and the tokens and hashes that the front end must make of them."""
import json
import os

from features import features, tokens

TEXTS = [
    "",
    "I am so happy for you!",
    "Don’t touch that... it's MINE!!!!!",
    "Noooooo way 😂😂😂 [NAME] did it?",
    "caf\u00e9 na\u00efve \u041f\u0440\u0438\u0432\u0435\u0442 \u4f60\u597d 3.14 snake_case _",
    "don't 'quote' rock'n'roll \t tab\nline",
    "a",
    "😡 x2 \U0001f468\u200d\U0001f469\u200d\U0001f467",
]


def vector(text):
    words, letters = features(text)
    return {"text": text, "tokens": tokens(text), "words": sorted(words.items()), "letters": sorted(letters.items())}


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "features.vectors.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(vector(text), ensure_ascii=False) for text in TEXTS) + "\n]\n")


if __name__ == "__main__":
    main()
