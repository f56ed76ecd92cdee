"""No selection: one sample at random, however many were drawn."""

import numpy as np

from ..pools import Pool
from ..subsets import check_sizes


def mean(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """The share of correct samples, the same at every k: what selecting has to beat."""
    check_sizes(pool.n, ks)
    return np.full(len(ks), pool.correct.mean())
