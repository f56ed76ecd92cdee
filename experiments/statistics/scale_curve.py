"""What a model's size does to its accuracy: how both go together, and at which size accuracy is best.

Brevity Constraints Reverse Performance Hierarchies in Language Models, 2026. Intervals resample problems.
"""

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, bootstrap_means, percentile_estimate

#: Sizes that a maximum between the smallest and the largest takes.
FEWEST_SIZES = 3
#: Of the kernel, in powers of ten: models of half or twice the size still count for half.
_BANDWIDTH = 0.25


def size_correlation(sizes: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Pearson's r of log10 size and accuracy over the cells of (models, problems) shares; `sizes` is (models,) parameters.

    No value where there is one size only, or where every cell is the same.
    """
    n = right.shape[1]
    x = np.log10(sizes) - np.log10(sizes).mean()
    if n == 0 or not x.any() or np.ptp(right) == 0:
        return Estimate(None, None, None, n, BY_PROBLEM)
    per_problem = np.column_stack([right.mean(axis=0), (x[:, None] * right).mean(axis=0), (right**2).mean(axis=0)])

    def correlation(sums: np.ndarray) -> np.ndarray:
        mean, with_size, squares = sums.T
        variance = (x**2).mean() * (squares - mean**2)
        return with_size / np.sqrt(np.where(variance > 1e-12, variance, np.nan))

    value = float(correlation(per_problem.mean(axis=0)[None])[0])
    drawn = correlation(bootstrap_means(per_problem, rng)) if n > 1 else None
    return percentile_estimate(value, drawn if drawn is None else drawn[~np.isnan(drawn)], n)


def best_size(sizes: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> Estimate:
    """That of the sizes at which accuracy, smoothed over log10 size by a Gaussian kernel, is highest; the smallest of equals.

    Between the sizes that were measured nothing is claimed. Arguments as of `size_correlation`; no value below FEWEST_SIZES.
    """
    n = right.shape[1]
    places = np.log10(sizes)
    if n == 0 or len(np.unique(sizes)) < FEWEST_SIZES:
        return Estimate(None, None, None, n, BY_PROBLEM)
    weights = np.exp(-(((places[:, None] - places) / _BANDWIDTH) ** 2) / 2)
    weights /= weights.sum(axis=1, keepdims=True)

    def best(accuracies: np.ndarray) -> np.ndarray:
        smoothed = np.round(accuracies @ weights.T, 12)
        return np.where(smoothed == smoothed.max(axis=1, keepdims=True), sizes, np.inf).min(axis=1)

    drawn = best(bootstrap_means(right.T, rng)) if n > 1 else None
    return percentile_estimate(float(best(right.mean(axis=1)[None])[0]), drawn, n)
