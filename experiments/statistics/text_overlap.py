"""How alike texts are by the words they share. It knows nothing of what they mean."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

_WORD = re.compile(r"\w+")


def overlap(first: str, second: str) -> float:
    """F1 of the two bags of words, from 0 (none shared) to 1 (the same words as often, in whatever order and case)."""
    a, b = (Counter(_WORD.findall(text.lower())) for text in (first, second))
    n = a.total() + b.total()
    return 2 * (a & b).total() / n if n else 1.0


def mean_overlap(texts: Sequence[str]) -> float | None:
    """Over all pairs; None for fewer than two texts."""
    pairs = [overlap(*pair) for pair in combinations(texts, 2)]
    return sum(pairs) / len(pairs) if pairs else None
