"""Whether two models agree on which formats are good, and whether the format decides which model looks better."""

import numpy as np
from scipy.stats import rankdata

from .estimates import Estimate
from .intervals import RESAMPLES, middle

#: Our default: smaller differences between the models do not count as one being better.
THRESHOLD = 0.02
BY_FORMAT = "bootstrap over formats"


def rank_correlation(first: np.ndarray, second: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """Spearman's, of two models' (formats,) accuracies; unknown where one of them has the same accuracy under all formats."""
    n = len(first)
    value = _spearman(first[None], second[None])[0] if n > 1 else np.nan
    if np.isnan(value):
        return Estimate(None, None, None, n, BY_FORMAT)
    drawn = rng.integers(n, size=(resamples, n))
    resampled = _spearman(first[drawn], second[drawn])
    resampled = resampled[~np.isnan(resampled)]
    low, high = np.percentile(resampled, middle(n)).tolist()
    return Estimate(float(value), low, high, n, BY_FORMAT)


def reversals(
    first: np.ndarray,
    second: np.ndarray,
    rng: np.random.Generator,
    threshold: float = THRESHOLD,
    resamples: int = RESAMPLES,
) -> Estimate:
    """The share of pairs of formats under which the better model changes, both differences being larger than `threshold`.

    `n` counts formats. Resampled pairs of a format with itself are left out.
    """
    n = len(first)
    if n < 2:
        return Estimate(None, None, None, n, BY_FORMAT)
    lead = first - second
    better = np.where(lead > threshold + 1e-12, 1, np.where(lead < -threshold - 1e-12, -1, 0))
    counts = rng.multinomial(n, np.full(n, 1 / n), size=resamples)
    ahead, behind = counts @ (better == 1), counts @ (better == -1)
    pairs = (n**2 - (counts**2).sum(axis=1)) / 2
    resampled = (ahead * behind)[pairs > 0] / pairs[pairs > 0]
    value = float((better == 1).sum() * (better == -1).sum() / (n * (n - 1) / 2))
    low, high = np.percentile(resampled, middle(n)).tolist()
    return Estimate(value, low, high, n, BY_FORMAT)


def _spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Row by row; NaN where a row does not vary."""
    a, b = (rankdata(each, axis=1) for each in (first, second))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, (a * b).sum(axis=1) / scale, np.nan)
