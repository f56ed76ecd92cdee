"""The best setting for each difficulty, chosen on other problems. Scaling LLM Test-Time Compute Optimally, 2024."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """accuracy: (problems,) of the setting that each problem was given; chosen: (problems,) its index, NaN and -1 where the
    other fold had no problem to choose by."""

    accuracy: np.ndarray
    chosen: np.ndarray


def two_folds(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) 0 or 1, halves of a random order."""
    folds = np.zeros(n, dtype=int)
    folds[rng.permutation(n)[: n // 2]] = 1
    return folds


def cross_fit(accuracy: np.ndarray, bins: np.ndarray, folds: np.ndarray) -> CrossFitted:
    """For every fold and bin the setting that is best on the OTHER fold's problems of that bin.

    accuracy: (problems, settings). Where the other fold has none of the bin, its best over all bins is taken. Ties go to the
    setting listed first. With one bin for all this is the best fixed setting, chosen the same way.
    """
    chosen = np.full(len(accuracy), -1)
    for fold in (0, 1):
        other = folds != fold
        for each in np.unique(bins[folds == fold]):
            seen = other & (bins == each)
            seen = seen if seen.any() else other
            if seen.any():
                chosen[(folds == fold) & (bins == each)] = int(accuracy[seen].mean(axis=0).argmax())
    found = np.where(chosen < 0, np.nan, accuracy[np.arange(len(accuracy)), chosen])
    return CrossFitted(found, chosen)
