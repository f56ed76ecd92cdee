"""A mean over prompt variants and problems, both of which could have been others."""

import numpy as np

from .estimates import Estimate
from .intervals import RESAMPLES

METHOD = "bootstrap over formats and problems"


def two_way_mean(values: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """Of a (variants, problems) matrix: rows and columns are resampled together. `n` counts the problems.

    Resampling cells, or one of the two alone, would claim more than a crossed design can know.
    """
    n_rows, n_columns = values.shape
    mean = float(values.mean())
    if n_rows < 2 or n_columns < 2:
        return Estimate(mean, None, None, n_columns, METHOD)
    rows = rng.multinomial(n_rows, np.full(n_rows, 1 / n_rows), size=resamples) / n_rows
    columns = rng.multinomial(n_columns, np.full(n_columns, 1 / n_columns), size=resamples) / n_columns
    drawn = ((rows @ values) * columns).sum(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return Estimate(mean, low, high, n_columns, METHOD)
