"""What share of a cost one setting saves against another on the same problems."""

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, bootstrap_means, percentile_estimate
from .ratios import ratio


def share_saved(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> Estimate:
    """1 - mean(after) / mean(before) of two (n,) arrays of costs paired by problem; negative where more was spent.

    Problems are resampled, both costs of one together. No value where nothing was spent before.
    """
    if len(before) == 0 or not before.any():
        return Estimate(None, None, None, len(before), BY_PROBLEM)
    saved = 1 - float(after.mean() / before.mean())
    if len(before) == 1:
        return percentile_estimate(saved, None, 1)
    means = bootstrap_means(np.column_stack([before, after]), rng)
    means = means[means[:, 0] > 0]
    return percentile_estimate(saved, 1 - means[:, 1] / means[:, 0], len(before))


def spent_in_vain(spent: np.ndarray, solved: np.ndarray, rng: np.random.Generator) -> Estimate:
    """The share of what one setting spent on problems that a cheaper one solves, from (n,) costs and (n,) accuracies of that one.

    o3 (mini) Thinks Harder, Not Longer, 2025, calls it waste; a problem solved now and then counts in part.
    """
    return ratio(spent * solved, spent, rng)


def share_kept(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> Estimate:
    """mean(after) / mean(before), with its interval found as that of `share_saved`."""
    saved = share_saved(before, after, rng)
    value, low, high = (None if end is None else 1 - end for end in (saved.value, saved.high, saved.low))
    return Estimate(value, low, high, saved.n, saved.method)
