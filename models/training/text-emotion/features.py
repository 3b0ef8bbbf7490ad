"""The front end of the text model: what daemon/senses/perception/text/features.ts does, in Python.

features.vectors.json holds texts and what both must make of them; each side has a test that reads it.
"""
import re
from collections import Counter
from functools import lru_cache

WORD = re.compile(r"[^\W_][\w']*|[^\s\w]|_")
LONG = re.compile(r"(.)\1{2,}", re.DOTALL)
MAX_TOKENS = 200


def tokens(text):
    """Words, and every other sign by itself; lower case, ’ as ', no sign more than twice in a row."""
    plain = LONG.sub(r"\1\1", text.lower().replace("’", "'"))
    return WORD.findall(plain)[:MAX_TOKENS]


def word_grams(words):
    """Words and pairs of neighbors, with the two ends of the text as neighbors too."""
    framed = ["<", *words, ">"]
    return [*words, *(f"{a} {b}" for a, b in zip(framed, framed[1:]))]


def letter_grams(words):
    """Runs of 3 to 5 letters inside each word with a blank around it."""
    grams = []
    for word in words:
        padded = f" {word} "
        for length in (3, 4, 5):
            grams.extend(padded[i:i + length] for i in range(len(padded) - length + 1))
    return grams


@lru_cache(maxsize=1 << 20)
def fnv1a(text):
    """FNV-1a, 32 bits, over UTF-8 (Fowler, Noll, Vo; draft-eastlake-fnv)."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def features(text):
    """Counts by hash of the two families of features: words, and letters."""
    words = tokens(text)
    return (Counter(fnv1a(f"w{gram}") for gram in word_grams(words)),
            Counter(fnv1a(f"c{gram}") for gram in letter_grams(words)))
