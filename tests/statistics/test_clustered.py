import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.api import OLS

from experiments.statistics.clustered import bootstrap_clusters, clustered_error, clustered_mean, design_effect
from experiments.statistics.intervals import bootstrap_mean

VALUES = np.array([1, 1, 1, 0, 0, 1, 1, 0, 0, 0], dtype=float)
CLUSTERS = ["a", "a", "a", "b", "b", "b", "c", "c", "d", "d"]


def test_the_worked_example():
    # Handbook, measurement.md section 4.
    assert clustered_error(VALUES, CLUSTERS, few=False) == pytest.approx(0.1871, abs=5e-5)
    assert clustered_error(VALUES, CLUSTERS) == pytest.approx(0.2160, abs=5e-5)
    assert design_effect(VALUES, CLUSTERS) == pytest.approx((0.18708 / 0.15811) ** 2, abs=1e-4)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 6)), min_size=8, max_size=60).filter(lambda x: len({c for _, c in x}) > 1)
)
def test_it_is_the_clustered_covariance_of_a_regression_on_a_constant(rows):
    values, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    groups = {"groups": clusters, "use_correction": False}
    fitted = OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds=groups)
    assert clustered_error(values, clusters, few=False) == pytest.approx(fitted.bse[0], abs=1e-9)


def test_clusters_of_one_problem_are_problems():
    rng = np.random.default_rng(1)
    values = rng.random(50)
    alone = bootstrap_clusters(values, range(50), np.random.default_rng(2))
    assert (alone.low, alone.high) == pytest.approx(
        (lambda e: (e.low, e.high))(bootstrap_mean(values, np.random.default_rng(2))), abs=0.01
    )
    told = clustered_mean(values, range(50))
    half = t.ppf(0.975, 49) * values.std(ddof=1) / np.sqrt(50)
    assert (told.low, told.high, told.n) == pytest.approx((values.mean() - half, values.mean() + half, 50))


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
    covered = np.zeros(2)
    for _ in range(5_000):
        sizes = rng.integers(1, 6, 40)
        clusters = np.repeat(np.arange(40), sizes)
        values = rng.normal(size=40)[clusters] + rng.normal(size=len(clusters)) + 0.5
        for place, found in enumerate((clustered_mean(values, clusters), bootstrap_clusters(values, clusters, rng))):
            covered[place] += found.low <= 0.5 <= found.high
    assert covered / 5_000 == pytest.approx([0.95, 0.95], abs=0.016)
