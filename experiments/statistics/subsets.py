"""Drawing k of n samples without replacement: in closed form where there is one, as random orders where not."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=32)
def miss_probability(n: int, ks: tuple[int, ...]) -> np.ndarray:
    """(n + 1, len(ks)): row m is the chance C(n-m, k) / C(n, k) that a subset of k holds none of m marked samples.

    A running product of 1 - k/j for j = n, n-1, ..., so nothing overflows and impossible cases are exactly 0.
    """
    check_sizes(n, ks)
    j = np.arange(n, 0, -1)[:, None]
    factors = np.clip(1 - np.array(ks) / j, 0, None)
    return _read_only(np.vstack([np.ones(len(ks)), np.cumprod(factors, axis=0)]))


@lru_cache(maxsize=32)
def orders(n: int, at_least: int, seed: int) -> np.ndarray:
    """(rows, n) random orders of n samples; for every k the first k of all rows are unbiased draws without replacement.

    Each random order comes with all its n rotations while that takes few rows, so every sample is first, and last, equally
    often: k = 1 and k = n - 1 are then exact. The same for all pools of one size, which does not tie problems together:
    the samples of a pool are independent draws, so position 3 of one has nothing to do with position 3 of another.
    """
    rng = np.random.default_rng([seed, n])
    if n > at_least:
        return _read_only(rng.random((at_least, n)).argsort(axis=1))
    bases = rng.random((-(-at_least // n), n)).argsort(axis=1)
    rotation = (np.arange(n)[:, None] + np.arange(n)) % n
    return _read_only(bases[:, rotation].reshape(-1, n))


def check_sizes(n: int, ks: tuple[int, ...]) -> None:
    """Raises ValueError for a k that cannot be drawn from n."""
    if any(not 1 <= k <= n for k in ks):
        raise ValueError(f"Every k must be between 1 and the pool's {n} samples, not {ks}")


def _read_only(array: np.ndarray) -> np.ndarray:
    """Cached arrays are shared by every caller."""
    array.flags.writeable = False
    return array
