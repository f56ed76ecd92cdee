"""How hard problems are for a model, and bins of it. Scaling LLM Test-Time Compute Optimally, 2024; Liu et al., 2025."""

import numpy as np

N_BINS = 5
#: Lower ends of the absolute bins of a single sample's success rate; below the last one is the hardest.
EASY, MEDIUM = 0.5, 0.1


def quantile_bins(easiness: np.ndarray, n_bins: int = N_BINS) -> np.ndarray:
    """(problems,) bin of each problem, 1 the easiest, as equal in size as ties allow: equal values share a bin.

    `easiness` is a success rate (then the bins are an oracle's) or a mean verifier score (then they are predicted).
    """
    cuts = np.quantile(easiness, np.arange(1, n_bins) / n_bins)
    return n_bins - np.searchsorted(cuts, easiness, side="right")


def absolute_bins(success: np.ndarray) -> np.ndarray:
    """1 (easy) for a success rate of 0.5 or more, 2 for 0.1 or more, 3 below: comparable between models."""
    return np.where(success >= EASY, 1, np.where(success >= MEDIUM, 2, 3))
