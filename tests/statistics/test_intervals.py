import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from experiments.statistics.intervals import (
    bootstrap_bands,
    bootstrap_mean,
    bootstrap_means,
    clopper_pearson,
    estimates,
    wilson,
)

TABLE = [
    (62, 100, (0.5221, 0.7090), (0.5175, 0.7152)),
    (0, 30, (0, 0.1135), (0, 0.1157)),
    (30, 30, (0.8865, 1), (0.8843, 1)),
    (412, 500, (0.7882, 0.8549), (0.7877, 0.8564)),
    (2, 10, (0.0567, 0.5098), (0.0252, 0.5561)),
]


@pytest.mark.parametrize(("successes", "n", "by_wilson", "by_clopper_pearson"), TABLE)
def test_proportions_have_the_handbooks_intervals(successes, n, by_wilson, by_clopper_pearson):
    assert (wilson(successes, n).low, wilson(successes, n).high) == pytest.approx(by_wilson, abs=5.1e-5)
    exact = clopper_pearson(successes, n)
    assert (exact.low, exact.high) == pytest.approx(by_clopper_pearson, abs=5.1e-5)


@pytest.mark.parametrize("n", [1, 7, 50])
def test_proportions_agree_with_statsmodels_at_every_count(n):
    for successes in range(n + 1):
        for ours, method in ((wilson, "wilson"), (clopper_pearson, "beta")):
            estimate = ours(successes, n)
            assert (estimate.low, estimate.high) == pytest.approx(proportion_confint(successes, n, method=method), abs=1e-9)


def test_no_data_has_no_value_and_no_interval():
    for nothing in (wilson(0, 0), clopper_pearson(0, 0), bootstrap_mean(np.array([]), np.random.default_rng(0))):
        assert (nothing.value, nothing.low, nothing.high, nothing.n) == (None, None, None, 0)
        assert not nothing.excludes_zero


def test_one_problem_has_a_value_but_no_interval():
    only = bootstrap_mean(np.array([0.4]), np.random.default_rng(0))
    assert (only.value, only.low, only.high, only.n) == (0.4, None, None, 1)
    assert bootstrap_bands(np.array([[0.4, 0.6]]), np.random.default_rng(0)).low is None


def test_resampled_means_have_the_standard_error_of_the_mean():
    values = np.random.default_rng(1).random((200, 2))
    means = bootstrap_means(values, np.random.default_rng(2), resamples=20_000)
    # The sd of 20,000 draws is known to 0.5%, so 3% is six standard errors.
    assert means.std(axis=0) == pytest.approx(values.std(axis=0) / np.sqrt(200), rel=0.03)
    assert means.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.001)


def test_all_columns_share_the_resampled_problems():
    values = np.random.default_rng(1).random((30, 1))
    means = bootstrap_means(np.hstack([values, values + 0.25]), np.random.default_rng(2))
    assert means[:, 1] - means[:, 0] == pytest.approx(np.full(1000, 0.25), abs=1e-12)


def test_pairing_narrows_the_interval_of_a_difference_between_settings_that_move_together():
    rng = np.random.default_rng(4)
    difficulty = rng.random(100)
    a, b = difficulty + rng.normal(0.05, 0.02, 100), difficulty
    paired = bootstrap_mean(a - b, rng)
    alone = bootstrap_mean(a, rng)
    assert paired.excludes_zero
    assert paired.high - paired.low < (alone.high - alone.low) / 5


def test_many_problems_are_resampled_in_pieces():
    values = np.random.default_rng(1).random((50_000, 1))
    bands = bootstrap_bands(values, np.random.default_rng(2), resamples=200)
    half = 1.96 * values.std() / np.sqrt(50_000)
    assert bands.high[0] - bands.low[0] == pytest.approx(2 * half, rel=0.2)


def test_the_same_generator_gives_the_same_interval():
    values = np.random.default_rng(1).random((20, 3))
    first, again = (estimates(bootstrap_bands(values, np.random.default_rng(9))) for _ in range(2))
    assert first == again
