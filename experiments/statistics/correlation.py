"""How two measures of the same cells go together, where cells of one cluster are not independent."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from .clustered import BY_CLUSTER
from .estimates import Estimate
from .intervals import RESAMPLES, middle


def correlation(
    x: np.ndarray, y: np.ndarray, clusters: Sequence, kind: Literal["pearson", "spearman"], rng: np.random.Generator
) -> Estimate:
    """Pearson's r or Spearman's rho of two (cells,) measures; whole clusters are resampled, and n counts the cells.

    No value where a measure does not vary, and no interval below three clusters.
    """
    measure: Callable[[np.ndarray, np.ndarray], float | None] = _pearson if kind == "pearson" else _spearman
    value = measure(x, y) if len(x) > 1 else None
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    groups = [np.flatnonzero(place == group) for group in range(place.max() + 1 if len(place) else 0)]
    if value is None or len(groups) < 3:
        return Estimate(value, None, None, len(x), BY_CLUSTER)
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([groups[group] for group in rng.integers(len(groups), size=len(groups))])
        drawn.append(measure(x[rows], y[rows]))
    low, high = np.percentile([each for each in drawn if each is not None], middle(len(groups)))
    return Estimate(value, float(low), float(high), len(x), BY_CLUSTER)


def _pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    if np.ptp(x) < 1e-12 or np.ptp(y) < 1e-12:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def _spearman(x: np.ndarray, y: np.ndarray) -> float | None:
    return _pearson(rankdata(x), rankdata(y))
