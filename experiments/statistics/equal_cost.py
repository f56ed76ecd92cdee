"""Comparing at equal cost: where a pool's curve stands when it has spent as much, and paired differences from there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .estimates import Estimate
from .intervals import bootstrap_bands, estimates
from .paired import holm, sign_flip


def k_at_cost(cost: float, single: float, total: float, n: int) -> float:
    """The number of samples, not rounded, that a pool draws for `cost`; may lie outside 1..n.

    A pool's cost is a line in k: `single` for one sample, `total` for all n, their prompt counted once.
    """
    if n < 2 or total <= single:
        return 1.0 if cost <= single else float(n) if total > 0 and cost <= total else float("inf")
    return 1 + (cost - single) / (total - single) * (n - 1)


def cost_at_k(k: float, single: float, total: float, n: int) -> float:
    """The inverse of `k_at_cost`."""
    return single if n < 2 else single + (total - single) * (k - 1) / (n - 1)


def curve_at(values: np.ndarray, ks: Sequence[int], k: float) -> np.ndarray:
    """(problems,) accuracy at a k that need not be whole, on the line between the points beside it; ends are held.

    values: (problems, len(ks)), ks ascending.
    """
    k = min(max(k, ks[0]), ks[-1])
    right = min(int(np.searchsorted(ks, k)), len(ks) - 1)
    left = max(right - 1, 0)
    if ks[right] <= k or right == left:
        return values[:, right]
    share = (k - ks[left]) / (ks[right] - ks[left])
    return values[:, left] * (1 - share) + values[:, right] * share


@dataclass(frozen=True)
class Compared:
    """A paired difference with its interval, which is not corrected, and the sign-flip p, plain and corrected by Holm."""

    difference: Estimate
    p: float
    adjusted_p: float

    def is_clear(self, level: float = 0.05) -> bool:
        """Whether it may be called a difference among all that were looked at."""
        return self.difference.excludes_zero and self.adjusted_p < level


def compare(differences: np.ndarray, rng: np.random.Generator) -> list[Compared]:
    """One for each column of (problems, comparisons) differences; all share the same resampled problems."""
    if not differences.size:
        return []
    ps = [sign_flip(column, rng) for column in differences.T]
    found = estimates(bootstrap_bands(differences, rng))
    return [Compared(*each) for each in zip(found, ps, holm(ps), strict=True)]
