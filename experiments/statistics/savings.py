"""What share of a cost one setting saves against another on the same problems."""

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, bootstrap_means, percentile_estimate


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
