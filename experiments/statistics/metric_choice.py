"""The same answers under several metrics. Are Emergent Abilities of Large Language Models a Mirage? (2023)"""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
from rapidfuzz.distance import Levenshtein

_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokens(text: str) -> list[str]:
    """Words and signs, in lower case."""
    return _TOKEN.findall(text.lower())


def token_edit_distance(answer: str | None, targets: Sequence[str]) -> float:
    """Edits from the answer to the nearest target over the target's tokens, at most 1; 1 where there is no answer."""
    if answer is None:
        return 1.0
    mine = tokens(answer)
    return min(min(1.0, Levenshtein.distance(mine, tokens(target)) / max(1, len(tokens(target)))) for target in targets)


def numeric_error(answer: str | None, targets: Sequence[str]) -> float | None:
    """|answer - target| / max(1, |target|), at most 1 and 1 without a numeric answer; None where no target is a number."""
    wanted = [number for number in map(as_number, targets) if number is not None]
    if not wanted:
        return None
    got = None if answer is None else as_number(answer)
    if got is None:
        return 1.0
    return float(min(min(Decimal(1), abs(got - each) / max(Decimal(1), abs(each))) for each in wanted))


def brier(shares: Sequence[float], is_right: Sequence[bool]) -> float:
    """Of the shares of votes as probabilities of the distinct answers, over all of them and one that nobody gave.

    Between 0 and 2: sum over answers of (share - truth)^2. Where no answer given is right, the truth is the one nobody gave.
    """
    shares, truth = np.asarray(shares, dtype=float), np.asarray(is_right, dtype=float)
    return float(((shares - truth) ** 2).sum() + (0.0 if truth.any() else 1.0))


def as_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", "").rstrip("."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
