"""A mean over prompt variants and problems, both of which could have been others."""

import numpy as np
from scipy.stats import norm, t

from .estimates import Estimate
from .intervals import RESAMPLES

BY_VARIANT_AND_PROBLEM = "bootstrap over variants and problems"


def two_way_mean(values: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """Of a (variants, problems) matrix: rows and columns are resampled together. `n` counts the problems.

    Resampling cells, or one of the two alone, would claim more than a crossed design can know.
    """
    n_rows, n_columns = values.shape
    mean = float(values.mean())
    if n_rows < 2 or n_columns < 2:
        return Estimate(mean, None, None, n_columns, BY_VARIANT_AND_PROBLEM)
    rows = rng.multinomial(n_rows, np.full(n_rows, 1 / n_rows), size=resamples) / n_rows
    columns = rng.multinomial(n_columns, np.full(n_columns, 1 / n_columns), size=resamples) / n_columns
    drawn = ((rows @ values) * columns).sum(axis=1)
    low, high = np.percentile(drawn, _middle(values)).tolist()
    return Estimate(mean, low, high, n_columns, BY_VARIANT_AND_PROBLEM)


def _middle(values: np.ndarray) -> list[float]:
    """As `intervals.middle`, where two kinds of things were sampled: what each adds to the error decides how few there are.

    Degrees of freedom are those of a sum of variances: An Approximate Distribution of Estimates of Variance Components
    (Satterthwaite, 1946).
    """
    sizes = np.array(values.shape)
    parts = np.array([values.mean(axis=1).var(ddof=1), values.mean(axis=0).var(ddof=1)]) / sizes
    if not parts.any():
        return [2.5, 97.5]
    freedom = parts.sum() ** 2 / (parts**2 / (sizes - 1)).sum()
    too_little = (parts * (sizes - 1) / sizes).sum() / parts.sum()
    tail = 100 * float(norm.cdf(-t.ppf(0.975, freedom) / np.sqrt(too_little)))
    return [tail, 100 - tail]
