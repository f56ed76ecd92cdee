"""Problems in groups of about equal size by a number each has, such as its difficulty."""

import numpy as np
from scipy.stats import rankdata


def quantile_groups(values: np.ndarray, n_groups: int) -> np.ndarray:
    """(n,) group 0 (lowest) to `n_groups` - 1; -1 where the value is NaN.

    Equal values share a group, that of their middle rank, so groups may differ in size and a group may be empty.
    """
    groups = np.full(len(values), -1)
    known = ~np.isnan(values)
    if known.any():
        middle_ranks = rankdata(values[known]) - 0.5
        groups[known] = (middle_ranks / known.sum() * n_groups).astype(int)
    return groups
