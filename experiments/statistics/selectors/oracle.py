"""The oracle knows the truth: it picks a correct sample wherever there is one. An upper bound for every selector."""

import numpy as np

from ..pass_at_k import pass_at_k
from ..pools import Pool


def oracle(pool: Pool, ks: tuple[int, ...]) -> np.ndarray:
    """The chance that any of k samples is correct: pass@k = 1 - C(n-c, k) / C(n, k), exact.

    Large Language Monkeys, 2024; Chen et al. 2021. No method reaches it without knowing the truth; with few possible answers
    guessing alone comes near it.
    """
    return pass_at_k(pool.n, int(pool.correct.sum()), ks)
