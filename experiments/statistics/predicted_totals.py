"""What many more units will add up to, judged from a few that were seen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Prediction:
    """A total and its 95% prediction interval. An amount is never negative."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class Seen:
    """Amounts of at least two units of one kind, and how many more of that kind there will be."""

    amounts: Sequence[float]
    n_more: int


def predict_total(kinds: Iterable[Seen]) -> Prediction:
    """The sum over all kinds, units taken as independent draws of their kind.

    The mean of m further units differs from that of n seen ones with variance s²·(1/n + 1/m), and s² is itself estimated,
    hence Student's t with n - 1 degrees of freedom. Half-widths of different kinds add in squares.
    """
    expected = squares = 0.0
    for kind in kinds:
        n, m = len(kind.amounts), kind.n_more
        if n < 2:
            raise ValueError("A prediction needs at least two units of each kind.")
        mean = math.fsum(kind.amounts) / n
        variance = math.fsum((amount - mean) ** 2 for amount in kind.amounts) / (n - 1)
        expected += m * mean
        if m:
            squares += stats.t.ppf(0.975, n - 1) ** 2 * variance * m * m * (1 / n + 1 / m)
    half = math.sqrt(squares)
    return Prediction(max(0.0, expected - half), expected, expected + half)
