import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rliable import metrics
from scipy.stats import bootstrap

from experiments.statistics import run_aggregates
from experiments.statistics.run_aggregates import (
    aggregate,
    improvement,
    iqm,
    performance_profile,
    probability_of_improvement,
    profile_bands,
)

WORKED = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])
FIRST = np.array([[0.5, 0.6], [0.7, 0.6], [0.9, 0.8]])
SECOND = np.array([[0.4, 0.6], [0.6, 0.6], [0.8, 0.9]])
SHAPES = st.tuples(st.integers(2, 8), st.integers(1, 6))
SCORES = arrays(float, SHAPES, elements=st.floats(0, 1, width=16))


def test_the_worked_examples():
    # Handbook, measurement.md section 8.
    assert iqm(WORKED) == pytest.approx(0.5)
    assert run_aggregates.mean(WORKED) == pytest.approx(0.5)
    assert run_aggregates.optimality_gap(WORKED) == pytest.approx(0.5)
    assert iqm(np.array([[0, 1, 2, 3, 4, 10]], dtype=float)) == pytest.approx(2.5)
    assert probability_of_improvement(FIRST, SECOND) == pytest.approx((0.6667 + 0.4444) / 2, abs=5e-5)


@given(SCORES)
def test_aggregates_are_those_of_rliable(scores):
    ours = [run_aggregates.iqm, run_aggregates.mean, run_aggregates.median, run_aggregates.optimality_gap]
    theirs = [metrics.aggregate_iqm, metrics.aggregate_mean, metrics.aggregate_median, metrics.aggregate_optimality_gap]
    assert [measure(scores) for measure in ours] == pytest.approx([measure(scores) for measure in theirs], abs=1e-9)


@given(st.integers(1, 5).flatmap(lambda tasks: st.tuples(*[arrays(float, (4, tasks), elements=st.floats(0, 1, width=16))] * 2)))
def test_the_probability_of_improvement_is_that_of_rliable(pair):
    assert probability_of_improvement(*pair) == pytest.approx(metrics.probability_of_improvement(*pair), abs=1e-9)


def test_the_profile_counts_scores_above_each_level():
    assert performance_profile(WORKED, np.array([0.0, 0.35, 0.4, 0.9])).tolist() == [1.0, 5 / 8, 4 / 8, 0.0]


def test_intervals_agree_with_scipys_bootstrap_of_several_samples():
    """Each task a sample of its own, as runs are resampled within tasks."""
    scores = np.random.default_rng(1).beta(3, 2, (10, 4))
    ours = aggregate(iqm, scores, np.random.default_rng(2), resamples=4_000)
    theirs = bootstrap(
        tuple(scores.T), lambda *tasks: iqm(np.array(tasks)), n_resamples=4_000, method="percentile",
        vectorized=False, rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.01)
    assert ours.n == 10


def test_one_run_has_no_interval():
    alone = aggregate(iqm, WORKED[:1], np.random.default_rng(1))
    assert (alone.value, alone.low) == (pytest.approx(0.5), None)
    assert improvement(FIRST[:1], SECOND, np.random.default_rng(1)).low is None
    assert profile_bands(FIRST[:1], np.array([0.5]), np.random.default_rng(1))[1] is None


def test_a_clear_winner_is_one():
    rng = np.random.default_rng(4)
    better, worse = rng.normal(0.8, 0.05, (6, 3)), rng.normal(0.5, 0.05, (6, 3))
    assert improvement(better, worse, rng, 200).low > 0.9
    profile, low, high = profile_bands(better, np.array([0.0, 0.8, 1.2]), rng, 200)
    assert (profile[0], profile[2]) == (1.0, 0.0)
    assert low[1] < profile[1] < high[1]
