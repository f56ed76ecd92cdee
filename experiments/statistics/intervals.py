"""95% intervals: for a proportion, and for means over problems by resampling problems."""

from typing import NamedTuple

import numpy as np
from scipy.stats import beta, norm, t

from .estimates import Estimate

RESAMPLES = 1000
BY_PROBLEM = "bootstrap over problems"

#: Resampling takes this many indices at a time, to bound memory whatever the number of problems.
_CHUNK = 4_000_000


def middle(n: int) -> list[float]:
    """The two percentages between which the resampled means of n problems make a 95% interval.

    Resampling n problems spreads by (n - 1) / n too little and knows nothing of Student's t, so that the middle 95% would hold
    the truth 93 times in 100 for n = 30. What Teachers Should Know About the Bootstrap (Hesterberg, 2015) widens it so.
    """
    tail = float(norm.cdf(-np.sqrt(n / (n - 1)) * t.ppf(0.975, n - 1))) if n > 1 else 0.0
    return [100 * tail, 100 * (1 - tail)]


class Bands(NamedTuple):
    """Column means of a (problems, columns) matrix with their intervals; `low` and `high` are None below 2 problems."""

    mean: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None
    n: int


def wilson(successes: int, n: int) -> Estimate:
    """Wilson's score interval for a proportion of n independent outcomes. The default for one outcome per problem."""
    if n == 0:
        return Estimate(None, None, None, 0, "Wilson")
    z, p = norm.ppf(0.975), successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = 0.0 if successes == 0 else float(centre - half)
    high = 1.0 if successes == n else float(centre + half)
    return Estimate(p, low, high, n, "Wilson")


def clopper_pearson(successes: int, n: int) -> Estimate:
    """Clopper and Pearson's exact interval: never covers less than 95%, so it is wide."""
    if n == 0:
        return Estimate(None, None, None, 0, "Clopper-Pearson")
    low = 0.0 if successes == 0 else float(beta.ppf(0.025, successes, n - successes + 1))
    high = 1.0 if successes == n else float(beta.ppf(0.975, successes + 1, n - successes))
    return Estimate(successes / n, low, high, n, "Clopper-Pearson")


def bootstrap_means(values: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> np.ndarray:
    """(resamples, columns) column means of a (problems, columns) matrix whose rows were drawn with replacement.

    How often each row was drawn, times the matrix: all columns share the same resampled problems.
    """
    n = len(values)
    kinds, sizes = np.unique(values, axis=0, return_counts=True)
    if len(kinds) <= n // 4:  # right and wrong answers: few kinds of rows, of which whole numbers are drawn
        return rng.multinomial(n, sizes / n, size=resamples) @ kinds / n
    rows = max(1, _CHUNK // n)
    means = np.empty((resamples, values.shape[1]))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        drawn = rng.integers(n, size=(size, n)) + np.arange(size)[:, None] * n
        counts = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        means[start : start + size] = counts @ values / n
    return means


def bootstrap_bands(values: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Bands:
    """Percentile intervals of the column means of a (problems, columns) matrix with at least one problem."""
    mean = values.mean(axis=0)
    if len(values) < 2:
        return Bands(mean, None, None, len(values))
    low, high = np.percentile(bootstrap_means(values, rng, resamples), middle(len(values)), axis=0)
    return Bands(mean, low, high, len(values))


def bootstrap_mean(values: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """The mean of one value per problem. For a paired comparison hand in the differences per problem."""
    if len(values) == 0:
        return Estimate(None, None, None, 0, BY_PROBLEM)
    return estimates(bootstrap_bands(values[:, None], rng, resamples))[0]


def percentile_estimate(value: float, resampled: np.ndarray | None, n: int) -> Estimate:
    """A quantity with the middle of what it came to on resampled problems; no interval where there are none."""
    low, high = (None, None) if resampled is None else np.percentile(resampled, middle(n)).tolist()
    return Estimate(value, low, high, n, BY_PROBLEM)


def estimates(bands: Bands) -> list[Estimate]:
    """One estimate per column."""
    low = [None] * len(bands.mean) if bands.low is None else bands.low.tolist()
    high = [None] * len(bands.mean) if bands.high is None else bands.high.tolist()
    return [Estimate(*numbers, bands.n, BY_PROBLEM) for numbers in zip(bands.mean.tolist(), low, high, strict=True)]
