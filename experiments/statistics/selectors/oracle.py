"""The oracle knows the truth: it picks a correct sample wherever there is one. An upper bound for every selector."""

import numpy as np

from ..pass_at_k import pass_at_k
from ..pools import Pool


def oracle(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """pass@k, exact."""
    return pass_at_k(pool.n, int(pool.correct.sum()), ks)
