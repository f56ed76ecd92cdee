import numpy as np
import pytest
from statsmodels.api import OLS

from experiments.statistics.clustered import bootstrap_clusters, cluster_sums
from experiments.statistics.intervals import bootstrap_mean

VALUES = np.array([1, 1, 1, 0, 0, 1, 1, 0, 0, 0], dtype=float)
CLUSTERS = ["a", "a", "a", "b", "b", "b", "c", "c", "d", "d"]


def test_sums_come_with_the_size_of_each_cluster():
    assert cluster_sums(VALUES[:, None], CLUSTERS).tolist() == [[3, 3], [1, 3], [1, 2], [0, 2]]


def test_its_width_is_that_of_the_clustered_covariance_of_a_regression_on_a_constant():
    rng = np.random.default_rng(5)
    clusters = np.repeat(np.arange(200), rng.integers(1, 6, 200))
    values = rng.normal(size=200)[clusters] + rng.normal(size=len(clusters))
    fitted = OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": True})
    found = bootstrap_clusters(values, clusters, rng, resamples=20_000)
    # The ends of 20,000 draws are known to about 1%; 200 clusters are few enough to be 1% from normal.
    assert found.high - found.low == pytest.approx(2 * 1.972 * fitted.bse[0], rel=0.03)
    assert found.value == pytest.approx(fitted.params[0])


def test_clusters_of_one_problem_are_problems():
    rng = np.random.default_rng(1)
    values = rng.random(50)
    alone = bootstrap_clusters(values, range(50), np.random.default_rng(2))
    assert (alone.low, alone.high) == pytest.approx(
        (lambda e: (e.low, e.high))(bootstrap_mean(values, np.random.default_rng(2))), abs=0.01
    )


def test_copies_of_a_problem_are_no_new_evidence():
    rng = np.random.default_rng(3)
    values = rng.integers(0, 2, 40).astype(float)
    once = bootstrap_mean(values, np.random.default_rng(4))
    copied = bootstrap_clusters(np.repeat(values, 5), np.repeat(np.arange(40), 5), np.random.default_rng(4))
    assert copied.n == 40
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.1)
    assert bootstrap_clusters(values, ["one"] * 40, rng).low is None


@pytest.mark.long
def test_clustered_intervals_hold_the_truth():
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(5_000):
        sizes = rng.integers(1, 6, 40)
        clusters = np.repeat(np.arange(40), sizes)
        values = rng.normal(size=40)[clusters] + rng.normal(size=len(clusters)) + 0.5
        found = bootstrap_clusters(values, clusters, rng)
        covered += found.low <= 0.5 <= found.high
    assert covered / 5_000 == pytest.approx(0.95, abs=0.016)
