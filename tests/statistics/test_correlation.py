import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from experiments.statistics.correlation import correlation


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_both_kinds_are_scipys(rng):
    x = rng.normal(size=60)
    y = np.exp(x + rng.normal(size=60))
    clusters = np.repeat(np.arange(20), 3)
    assert correlation(x, y, clusters, "pearson", rng).value == pytest.approx(pearsonr(x, y).statistic)
    found = correlation(x, y, clusters, "spearman", rng)
    assert found.value == pytest.approx(spearmanr(x, y).statistic)
    assert found.low < found.value < found.high
    assert found.n == 60


def test_cells_that_only_repeat_their_cluster_widen_the_interval(rng):
    x, y = rng.normal(size=(2, 10))
    alone = correlation(x, y, range(10), "pearson", rng)
    repeated = correlation(np.repeat(x, 9), np.repeat(y, 9), np.repeat(np.arange(10), 9), "pearson", rng)
    assert repeated.value == pytest.approx(alone.value)
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.15)


def test_what_does_not_vary_has_no_correlation_and_two_clusters_no_interval(rng):
    assert correlation(np.ones(5), np.arange(5.0), range(5), "pearson", rng).value is None
    found = correlation(np.arange(4.0), np.arange(4.0), [0, 0, 1, 1], "spearman", rng)
    assert (found.value, found.low) == (pytest.approx(1), None)
