"""How far best-of-n moves the distribution of answers from the model's own."""

import numpy as np
from numpy.typing import ArrayLike


def best_of_n_divergence(n: ArrayLike) -> np.ndarray:
    """An upper bound, in nats, of the Kullback-Leibler divergence of best-of-n from one sample: log n - (n - 1) / n."""
    n = np.asarray(n, dtype=float)
    return np.log(n) - (n - 1) / n
