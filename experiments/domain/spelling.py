"""Spelling errors: the same text as a hasty hand would have typed it."""

import re
from string import ascii_lowercase

import numpy as np

# A word of at least four letters that stands for itself: no name of a choice, LaTeX command, path, address or code.
_WORD = re.compile(r"(?<![\w\\/@.$<{'’-])[^\W\d_]{4,}(?![\w/@$>}'’-]|\.\w)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_WITH_DIGITS = re.compile(r"\S*\d\S*")


def misspelt(text: str, n_words: int, rng: np.random.Generator) -> str:
    """The text with one error in each of `n_words` of its words, or in all where it has fewer.

    A character is inserted, deleted, replaced, or swapped with the next one, each as often. Numbers, words of one to three
    letters (so also the letters of choices) and code stay as they are.
    """
    closed = [place.span() for pattern in (_CODE, _WITH_DIGITS) for place in pattern.finditer(text)]
    places = [place.span() for place in _WORD.finditer(text) if not any(a <= place.start() < b for a, b in closed)]
    chosen = sorted(rng.choice(len(places), min(n_words, len(places)), replace=False).tolist()) if places else []
    parts, end = [], 0
    for start, stop in (places[number] for number in chosen):
        parts += [text[end:start], _with_error(text[start:stop], rng)]
        end = stop
    return "".join([*parts, text[end:]])


def _with_error(word: str, rng: np.random.Generator) -> str:
    """Never the word itself. The first letter stays, as it does in most real errors."""
    at = int(rng.integers(1, len(word) - 1))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    kind = ("insert", "delete", "swap", "replace")[rng.integers(4)]
    if kind == "insert":
        return before + str(rng.choice(list(ascii_lowercase))) + letter + after
    if kind == "replace":
        return before + str(rng.choice([other for other in ascii_lowercase if other != letter.lower()])) + after
    if kind == "swap" and after[0] != letter:
        return before + after[0] + letter + after[1:]
    return before + after
