"""pass@k: the chance that at least one of k samples is correct. Chen et al. 2021; Large Language Monkeys, 2024."""

import numpy as np
from numpy.typing import ArrayLike

from .subsets import miss_probability


def pass_at_k(n: int, n_correct: ArrayLike, ks: tuple[int, ...]) -> np.ndarray:
    """Unbiased 1 - C(n-c, k) / C(n, k), of shape `n_correct.shape + (len(ks),)`.

    n: samples drawn per problem; n_correct: how many of them were right. Raises ValueError for k outside 1..n.
    """
    return 1 - miss_probability(n, ks)[np.asarray(n_correct)]
