"""How far accuracy moves between prompt formats, and how far it would move by chance alone.

Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023. The largest of many accuracies lies
above the smallest even where all formats are equally good; the null spread says by how much. Matrices are (formats,
problems) with the share of right answers, and all formats saw the same problems.
"""

from dataclasses import dataclass

import numpy as np

from .estimates import Estimate
from .intervals import bootstrap_mean, wilson

PERMUTATIONS = 1000
RESAMPLES = 1000


@dataclass(frozen=True)
class Spread:
    """Of accuracies over formats, all in shares: `value` is the largest minus the smallest."""

    value: float
    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float


@dataclass(frozen=True)
class NullSpread:
    """What chance does: the spread's 95th percentile where formats are exchangeable, and how often it is as large as seen.

    `middle`, `low` and `high` are (formats,): mean and middle 95% of the sorted accuracies, from the lowest to the highest.
    """

    percentile_95: float
    p: float
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Extremes:
    """The best and the worst format as picked on some problems (by their row), measured on others that had no say in it."""

    best: int
    worst: int
    best_accuracy: Estimate
    worst_accuracy: Estimate
    difference: Estimate


def accuracy(right: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Of (problems,) shares right: with Wilson's interval where every problem was answered once."""
    if np.isin(right, (0.0, 1.0)).all():
        return wilson(int(right.sum()), len(right))
    return bootstrap_mean(right, rng)


def spread(accuracies: np.ndarray) -> Spread:
    """Of (formats,) accuracies."""
    lowest, lower, median, upper, highest = np.percentile(accuracies, [0, 25, 50, 75, 100]).tolist()
    return Spread(highest - lowest, lowest, lower, median, upper, highest)


def null_spread(right: np.ndarray, rng: np.random.Generator, permutations: int = PERMUTATIONS) -> NullSpread:
    """Answers are permuted among the formats within each problem: what a problem's difficulty does to all of them stays."""
    drawn = np.empty((permutations, len(right)))
    for row in range(permutations):
        drawn[row] = np.sort(rng.permuted(right, axis=0).mean(axis=1))
    spreads = drawn[:, -1] - drawn[:, 0]
    seen = np.ptp(right.mean(axis=1))
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    # Sums of the same numbers in another order may differ in their last bits.
    as_large = (spreads >= seen - 1e-12).sum()
    percentile = float(np.quantile(spreads, 0.95, method="higher"))
    return NullSpread(percentile, float((1 + as_large) / (1 + permutations)), drawn.mean(axis=0), low, high)


def expected_spread(
    accuracies: np.ndarray, sizes: list[int], rng: np.random.Generator, resamples: int = RESAMPLES
) -> dict[int, tuple[float, float, float]]:
    """Size -> mean and middle 95% of the spread over so many of the formats, drawn without replacement."""
    found = {}
    for size in sizes:
        places = np.argsort(rng.random((resamples, len(accuracies))), axis=1)[:, :size]
        spreads = np.ptp(accuracies[places], axis=1)
        low, high = np.percentile(spreads, [2.5, 97.5])
        found[size] = (float(spreads.mean()), float(low), float(high))
    return found


def picked_and_measured(picking: np.ndarray, measuring: np.ndarray, rng: np.random.Generator) -> Extremes:
    """Best and worst by the columns of `picking`, the first of equals, with what the columns of `measuring` say of them.

    Extremes measured on the problems that made them extreme look further apart than they are (the winner's curse).
    """
    accuracies = picking.mean(axis=1)
    best, worst = int(accuracies.argmax()), int(accuracies.argmin())
    return measured(best, worst, measuring[best], measuring[worst], rng)


def measured(best: int, worst: int, of_best: np.ndarray, of_worst: np.ndarray, rng: np.random.Generator) -> Extremes:
    """From the two formats' (problems,) shares on the same problems."""
    return Extremes(
        best,
        worst,
        accuracy(of_best, rng),
        accuracy(of_worst, rng),
        bootstrap_mean(of_best - of_worst, rng),
    )
