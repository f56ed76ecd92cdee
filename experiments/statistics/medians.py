"""Medians and their ratios, for seconds and other amounts with a long tail."""

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, RESAMPLES, percentile_estimate


def median(values: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Of one value per problem."""
    if len(values) == 0:
        return Estimate(None, None, None, 0, BY_PROBLEM)
    drawn = np.median(values[_drawn(len(values), rng)], axis=1) if len(values) > 1 else None
    return percentile_estimate(float(np.median(values)), drawn, len(values))


def ratio_of_medians(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> Estimate:
    """median(first) / median(second) of two (n,) amounts paired by problem; both of a problem are resampled together.

    Unknown where the second median is 0.
    """
    n = len(first)
    if n == 0 or np.median(second) == 0:
        return Estimate(None, None, None, n, BY_PROBLEM)
    value = float(np.median(first) / np.median(second))
    if n == 1:
        return percentile_estimate(value, None, 1)
    drawn = _drawn(n, rng)
    above, below = np.median(first[drawn], axis=1), np.median(second[drawn], axis=1)
    return percentile_estimate(value, above[below > 0] / below[below > 0], n)


def _drawn(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(n, size=(RESAMPLES, n))
