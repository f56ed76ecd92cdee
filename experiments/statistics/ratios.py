"""Shares whose denominators differ by problem, such as the accuracy of those samples that fall in a bin."""

import numpy as np

from .estimates import Estimate
from .intervals import RESAMPLES, Bands, bootstrap_means, estimates, middle


def ratio_bands(numerators: np.ndarray, denominators: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Bands:
    """Sum over sum, column by column of (problems, columns), with intervals from resampled problems.

    NaN where a column's denominators are all 0; resamples in which they are say nothing about that column.
    """
    n, columns = numerators.shape
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = numerators.sum(axis=0) / denominators.sum(axis=0)
        if n < 2:
            return Bands(mean, None, None, n)
        drawn = bootstrap_means(np.hstack([numerators, denominators]), rng, resamples)
        ratios = drawn[:, :columns] / drawn[:, columns:]
    known = ~np.isnan(mean)
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    if known.any():
        low[known], high[known] = np.nanpercentile(ratios[:, known], middle(n), axis=0)
    return Bands(mean, low, high, n)


def ratio(numerators: np.ndarray, denominators: np.ndarray, rng: np.random.Generator) -> Estimate:
    """One ratio from (problems,) amounts; without a value where the denominators are all 0."""
    (found,) = estimates(ratio_bands(numerators[:, None], denominators[:, None], rng))
    return Estimate(None, None, None, found.n, found.method) if np.isnan(found.value) else found
