"""Whole sentences: said in keywords, at length, in another order or register, or with something beside the point."""

import re
from itertools import pairwise

from ..seeds import rng as generator
from .edits import Change, Edit, Perturbed, changed, n_wanted
from .protection import Span, is_inside, open_words, protected_spans
from .word_lists import CASUAL, IRRELEVANT, LEAD_INS, STOP_WORDS
from .words import casual

_END = re.compile(r"[.!?]+[\"”’)\]]*[ \t]+(?=\S)|\n+")


def sentences(text: str) -> list[Span]:
    """(start, end) of the sentences without the blanks between them; none reaches over the end of a line or into what is
    protected."""
    closed = protected_spans(text)
    found, start = [], 0
    for place in _END.finditer(text):
        blank = place.start() + len(place.group().rstrip())
        if not any(a < blank < b or a < place.end() < b for a, b in closed):
            found.append((start, blank))
            start = place.end()
    return [span for span in [*found, (start, len(text))] if text[slice(*span)].strip()]


def simplify(text: str, rate: float, seed: int) -> Perturbed:
    """A share of the sentences, one at least, without the words that carry little."""
    rng = generator(seed, "simplify")
    spans = sentences(text)
    chosen = [spans[k] for k in sorted(rng.permutation(len(spans))[: n_wanted(rate, len(spans))].tolist())]
    dropped = [
        Change(start, end + (text[end : end + 1] == " "), "")
        for start, end in open_words(text)
        if text[start:end].lower() in STOP_WORDS and is_inside((start, end), chosen)
    ]
    return changed(text, "simplify", dropped, len(dropped), rng)


def verbose(text: str, rate: float, seed: int) -> Perturbed:
    """A long-winded phrase before it."""
    return _around(text, "verbose", LEAD_INS, 1 if rate > 0 else 0, seed, before=True)


def irrelevant_before(text: str, rate: float, seed: int) -> Perturbed:
    """As many sentences that have nothing to do with it as that share of its own, one at least."""
    return _around(text, "irrelevant_before", IRRELEVANT, n_wanted(rate, len(sentences(text)) or 1), seed, before=True)


def irrelevant_after(text: str, rate: float, seed: int) -> Perturbed:
    return _around(text, "irrelevant_after", IRRELEVANT, n_wanted(rate, len(sentences(text)) or 1), seed, before=False)


def reorder(text: str, rate: float, seed: int) -> Perturbed:
    """A share of the pairs of neighbours change places, one pair at least. The last sentence, as a rule what is asked, stays
    last, and none leaves its line."""
    spans = sentences(text)[:-1]
    pairs = list(pairwise(spans))
    possible = [
        Change(first[0], second[1], text[slice(*second)] + text[first[1] : second[0]] + text[slice(*first)])
        for first, second in pairs
        if "\n" not in text[first[1] : second[0]] and not (_is_label(text, first) or _is_label(text, second))
    ]
    possible = [change for change in possible if change.after != text[change.start : change.end]]
    return changed(text, "reorder", possible, n_wanted(rate, len(possible)), generator(seed, "reorder"))


def register(text: str, rate: float, seed: int) -> Perturbed:
    """A share of the words that have a casual twin, one at least, in that."""
    words = open_words(text)
    known = sum(text[slice(*span)].lower() in CASUAL for span in words)
    told = casual(text, rate * known / len(words), seed) if words else Perturbed(text, ())
    return Perturbed(told.text, tuple(edit._replace(operation="register") for edit in told.edits))


def _around(text: str, operation: str, known: tuple[str, ...], n: int, seed: int, before: bool) -> Perturbed:
    chosen = generator(seed, operation).permutation(len(known))[:n]
    added = " ".join(known[k] for k in chosen.tolist())
    if not added:
        return Perturbed(text, ())
    return Perturbed(f"{added} {text}" if before else f"{text} {added}", (Edit(operation, "", added),))


def _is_label(text: str, span: Span) -> bool:
    """Whether the sentence is, or begins with, the letter or number of an item in a list."""
    return re.match(r"\s*[\[(]?(?:\w|\d+)[.)\]]", text[slice(*span)]) is not None
