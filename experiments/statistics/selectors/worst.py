"""Worst of k: an adversary who knows the truth hands in a wrong sample wherever there is one. The oracle turned round."""

import numpy as np

from ..pools import Pool
from ..subsets import miss_probability


def worst_of_k(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """The chance C(c, k) / C(n, k) that all k samples are correct, exact: what no way of choosing can fall below."""
    return miss_probability(pool.n, ks)[pool.n - int(pool.correct.sum())]
