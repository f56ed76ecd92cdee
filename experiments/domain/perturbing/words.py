"""Whole words that are misheard, replaced, dropped, said twice, cut or run together."""

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from ..seeds import rng as generator
from .edits import Change, Perturbed, changed, n_wanted
from .protection import Span, is_inside, is_open, open_words, protected_spans
from .spoken import spoken
from .word_lists import CASUAL, CONTRACTIONS, HOMOPHONES, STOP_WORDS, SYNONYMS

_SOUNDS = {
    word: tuple(other for other in group.split() if other != word) for group in HOMOPHONES.split(",") for word in group.split()
}
_INTEGER = re.compile(r"(?<![\w.,:/+*^=()$€£%°-])(?:0|[1-9]\d{0,3})(?![\w:/+*^=()%°€$£-]|[.,]\d|\s*[-+*/=×÷^<>])")


def homophone(text: str, rate: float, seed: int) -> Perturbed:
    """A share of the open words sound the same and are spelt otherwise."""
    return _replaced(text, "homophone", rate, seed, lambda word, rng: _one_of(_SOUNDS.get(word, ()), rng))


def synonym(text: str, rate: float, seed: int) -> Perturbed:
    return _replaced(text, "synonym", rate, seed, lambda word, rng: SYNONYMS.get(word))


def casual(text: str, rate: float, seed: int) -> Perturbed:
    """A share of the open words as they are said among friends."""
    return _replaced(text, "casual", rate, seed, lambda word, rng: CASUAL.get(word))


def drop_stop_word(text: str, rate: float, seed: int) -> Perturbed:
    words = open_words(text)
    found = [Change(*_with_blank(text, span), "") for span in words if text[slice(*span)].lower() in STOP_WORDS]
    return changed(text, "drop_stop_word", found, n_wanted(rate, len(words)), generator(seed, "drop_stop_word"))


def duplicate(text: str, rate: float, seed: int) -> Perturbed:
    words = open_words(text)
    found = [Change(start, end, f"{text[start:end]} {text[start:end]}") for start, end in words]
    return changed(text, "duplicate", found, n_wanted(rate, len(words)), generator(seed, "duplicate"))


def split_or_join(text: str, rate: float, seed: int) -> Perturbed:
    """A word is cut in two, or two neighbours are run together, each as often as the text allows."""
    rng = generator(seed, "split_or_join")
    words = open_words(text)
    found = []
    for start, end in words:
        if end - start >= 6 and text[start:end].isalpha():
            at = start + int(rng.integers(2, end - start - 1))
            found.append(Change(start, end, f"{text[start:at]} {text[at:end]}"))
    for (start, end), (following, last) in pairwise(words):
        if text[end:following] == " ":
            found.append(Change(start, last, text[start:end] + text[following:last]))
    found = [change for change in found if is_open(change.after)]
    return changed(text, "split_or_join", found, n_wanted(rate, len(words)), rng)


def contraction(text: str, rate: float, seed: int) -> Perturbed:
    """Such as it's for it is; negations are not contracted."""
    words = open_words(text)
    found = []
    for (start, end), (following, last) in pairwise(words):
        short = CONTRACTIONS.get(f"{text[start:end]} {text[following:last]}".lower())
        if short and text[end:following] == " ":
            found.append(Change(start, last, _as_written(text[start:end], short)))
    return changed(text, "contraction", found, n_wanted(rate, len(words)), generator(seed, "contraction"))


def spoken_number(text: str, rate: float, seed: int) -> Perturbed:
    """Whole numbers up to 9999 that stand alone, in words. The one operation that touches numbers: their values stay.

    Those in code, quotations, formulas, dates, decimals and lists of labels stay; `rate` is a share of the others.
    """
    closed = [span for span in protected_spans(text) if not text[slice(*span)].strip()[:1].isdigit()]
    labels = [place.span() for place in re.finditer(r"^[ \t]*\(?\d+[.)](?=\s)", text, re.MULTILINE)]
    places = [place.span() for place in _INTEGER.finditer(text) if not is_inside(place.span(), closed + labels)]
    found = [Change(start, end, spoken(int(text[start:end]))) for start, end in places]
    return changed(text, "spoken_number", found, n_wanted(rate, len(found)), generator(seed, "spoken_number"))


def _replaced(
    text: str, operation: str, rate: float, seed: int, other: Callable[[str, np.random.Generator], str | None]
) -> Perturbed:
    """`other` gives what may stand for a word in lower case, or None."""
    rng = generator(seed, operation)
    words = open_words(text)
    found = []
    for start, end in words:
        after = other(text[start:end].lower(), rng)
        if after and after != text[start:end].lower() and is_open(after):
            found.append(Change(start, end, _as_written(text[start:end], after)))
    return changed(text, operation, found, n_wanted(rate, len(words)), rng)


def _one_of(words: tuple[str, ...], rng: np.random.Generator) -> str | None:
    return words[rng.integers(len(words))] if words else None


def _as_written(before: str, after: str) -> str:
    return after[:1].upper() + after[1:] if before[:1].isupper() else after


def _with_blank(text: str, span: Span) -> Span:
    """And the blank after it, or else the one before it."""
    start, end = span
    if text[end : end + 1] == " ":
        return start, end + 1
    return (start - 1, end) if text[start - 1 : start] == " " else span
