"""Values of several arms on the same problems, resampled once: everything on a page is read from the same draws."""

import numpy as np

from ..statistics.clustered import BY_CLUSTER, cluster_sums
from ..statistics.estimates import Estimate
from ..statistics.intervals import BY_PROBLEM, bootstrap_means, middle, percentile_estimate
from ..statistics.ranks import RankInterval, ranks_of

RESAMPLES = 10_000


class SharedDraws:
    """`values` are (arms, problems), `clusters` (problems,) the number of each one's cluster, from 0.

    For a single cluster nothing has an interval.
    """

    def __init__(self, values: np.ndarray, clusters: np.ndarray, rng: np.random.Generator):
        self.values = values
        self.clusters = clusters
        self.n_clusters = int(clusters.max()) + 1
        self.is_by_cluster = self.n_clusters < values.shape[1]
        self._means = None
        if self.n_clusters > 1:
            sums = bootstrap_means(cluster_sums(values.T, clusters), rng, RESAMPLES)
            self._means = sums[:, :-1] / sums[:, -1:]

    def mean(self, i: int) -> Estimate:
        return self._estimate(self.values[i], None if self._means is None else self._means[:, i])

    def difference(self, i: int, j: int) -> Estimate:
        """Arm j minus arm i."""
        drawn = None if self._means is None else self._means[:, j] - self._means[:, i]
        return self._estimate(self.values[j] - self.values[i], drawn)

    def ranks(self) -> list[RankInterval | None]:
        if self._means is None:
            return [None] * len(self.values)
        return ranks_of(self.values.mean(axis=1), self._means, middle(self.n_clusters))

    def by_cluster(self, columns: np.ndarray) -> np.ndarray:
        """(clusters, columns) sums of (problems, columns)."""
        return cluster_sums(columns, self.clusters)[:, :-1]

    def _estimate(self, values: np.ndarray, drawn: np.ndarray | None) -> Estimate:
        found = percentile_estimate(float(values.mean()), drawn, self.n_clusters)
        return Estimate(found.value, found.low, found.high, found.n, BY_CLUSTER if self.is_by_cluster else BY_PROBLEM)
