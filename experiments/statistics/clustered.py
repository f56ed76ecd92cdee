"""Problems that share a passage, a template or a source are not independent: intervals by cluster."""

from collections.abc import Sequence

import numpy as np

from .estimates import Estimate
from .intervals import RESAMPLES, bootstrap_means, percentile_estimate

BY_CLUSTER = "bootstrap over clusters"


def cluster_sums(values: np.ndarray, clusters: Sequence) -> np.ndarray:
    """(clusters, columns + 1): the column sums of a (problems, columns) matrix in each cluster, and its number of problems."""
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((place.max() + 1, values.shape[1] + 1))
    np.add.at(sums, place, np.column_stack([values, np.ones(len(values))]))
    return sums


def bootstrap_clusters(values: np.ndarray, clusters: Sequence, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """The mean of (n,) values with an interval from resampled clusters; n counts the clusters."""
    sums = cluster_sums(values[:, None], clusters)
    mean = float(values.mean())
    if len(sums) < 2:
        return Estimate(mean, None, None, len(sums), BY_CLUSTER)
    drawn = bootstrap_means(sums, rng, resamples)
    found = percentile_estimate(mean, drawn[:, 0] / drawn[:, 1], len(sums))
    return Estimate(mean, found.low, found.high, len(sums), BY_CLUSTER)
