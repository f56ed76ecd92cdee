"""Problems that share a passage, a template or a source are not independent: standard errors and intervals by cluster."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import t

from .estimates import Estimate
from .intervals import RESAMPLES, bootstrap_means, percentile_estimate

BY_CLUSTER = "bootstrap over clusters"


def cluster_sums(values: np.ndarray, clusters: Sequence) -> np.ndarray:
    """(clusters, columns + 1): the column sums of a (problems, columns) matrix in each cluster, and its number of problems."""
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((place.max() + 1, values.shape[1] + 1))
    np.add.at(sums, place, np.column_stack([values, np.ones(len(values))]))
    return sums


def clustered_error(values: np.ndarray, clusters: Sequence, *, few: bool = True) -> float:
    """The standard error of the mean of (n,) values whose clusters were sampled; with `few` times sqrt(G / (G - 1)).

    Adding Error Bars to Evals (2024). NaN for a single cluster.
    """
    sums = cluster_sums((values - values.mean())[:, None], clusters)[:, 0]
    g = len(sums)
    if g < 2:
        return float("nan")
    return float(np.sqrt((sums**2).sum() * (g / (g - 1) if few else 1)) / len(values))


def clustered_mean(values: np.ndarray, clusters: Sequence) -> Estimate:
    """The mean with Student's interval on G - 1 degrees of freedom; n counts the clusters."""
    g = len(set(clusters))
    if g < 2:
        return Estimate(float(values.mean()), None, None, g, "clustered t")
    half = t.ppf(0.975, g - 1) * clustered_error(values, clusters)
    return Estimate(float(values.mean()), float(values.mean() - half), float(values.mean() + half), g, "clustered t")


def design_effect(values: np.ndarray, clusters: Sequence) -> float:
    """How many times as many problems it takes as if they were independent; 1 where the values do not differ."""
    naive = float(values.std() / np.sqrt(len(values)))
    return 1.0 if naive == 0 else (clustered_error(values, clusters, few=False) / naive) ** 2


def bootstrap_clusters(values: np.ndarray, clusters: Sequence, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """The mean of (n,) values with an interval from resampled clusters; n counts the clusters."""
    sums = cluster_sums(values[:, None], clusters)
    mean = float(values.mean())
    if len(sums) < 2:
        return Estimate(mean, None, None, len(sums), BY_CLUSTER)
    drawn = bootstrap_means(sums, rng, resamples)
    found = percentile_estimate(mean, drawn[:, 0] / drawn[:, 1], len(sums))
    return Estimate(mean, found.low, found.high, len(sums), BY_CLUSTER)
