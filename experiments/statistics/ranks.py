"""How sure a ranking is, and how it moves when labels are wrong."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class RankInterval(NamedTuple):
    """`rank` is 1 for the best, ties share the smaller number; `best` is how often it came first, ties shared."""

    rank: int
    low: int
    high: int
    best: float


def ranks(scores: np.ndarray) -> np.ndarray:
    """(..., arms) ranks of scores, 1 for the highest; equal scores share the smallest rank."""
    return (scores[..., None, :] > scores[..., :, None]).sum(axis=-1) + 1


def ranks_under_wrong_labels(
    right: np.ndarray, error_rate: float, flips: np.ndarray, rng: np.random.Generator, draws: int = 2_000
) -> list[RankInterval]:
    """Ranks of the columns of (problems, arms) right answers if that share of the labels were wrong, drawn again and again.

    On a problem with a wrong label an arm's outcome turns over with its own probability `flips`, (arms,). Pervasive Annotation
    Errors Break Text-to-SQL Benchmarks and Leaderboards (2025) draws indicators so for what was not audited.
    """
    n, arms = right.shape
    scores = np.empty((draws, arms))
    for draw in range(draws):
        is_wrong = rng.random(n) < error_rate
        turned = is_wrong[:, None] & (rng.random((n, arms)) < flips)
        scores[draw] = np.where(turned, 1 - right, right).mean(axis=0)
    return ranks_of(right.mean(axis=0), scores)


def ranks_of(scores: np.ndarray, drawn: np.ndarray, within: Sequence[float] = (2.5, 97.5)) -> list[RankInterval]:
    """Of (arms,) scores, from what they came to in each draw, (draws, arms), and the percentages its interval lies between."""
    found = ranks(drawn)
    low, high = np.percentile(found, within, axis=0, method="nearest")
    first = found == 1
    best = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    told = zip(ranks(scores).tolist(), low.tolist(), high.tolist(), best.tolist(), strict=True)
    return [RankInterval(rank, int(a), int(b), share) for rank, a, b, share in told]
