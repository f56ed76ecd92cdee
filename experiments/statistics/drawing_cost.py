"""What drawing k of a pool's n samples costs, from what all n did."""

import numpy as np
from numpy.typing import ArrayLike


def drawing_cost(ks: tuple[int, ...], n: ArrayLike, single: ArrayLike, total: ArrayLike) -> np.ndarray:
    """(pools, len(ks)) expected cost of k samples, in any unit; all arguments but `ks` are (pools,).

    `single` is what one sample with its whole prompt costs on average, `total` what all n did. Every further sample costs an
    equal part of the difference: a prompt that was computed once and shared is paid once at every k, one that every sample
    paid is paid k times, and k = n costs what was spent.
    """
    n, single, total = (np.asarray(each, dtype=float)[:, None] for each in (n, single, total))
    return single + (np.array(ks) - 1) * (total - single) / np.maximum(n - 1, 1)
