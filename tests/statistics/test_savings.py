import numpy as np
import pytest

from experiments.statistics.savings import share_kept, share_saved, spent_in_vain


def test_the_share_is_of_the_means():
    saved = share_saved(np.array([100.0, 300.0]), np.array([50.0, 50.0]), np.random.default_rng(0))
    assert saved.value == pytest.approx(0.75)
    assert (saved.low, saved.high) == (pytest.approx(0.5), pytest.approx(1 - 50 / 300))
    assert saved.n == 2


def test_more_spent_is_a_negative_share_and_nothing_spent_before_has_none():
    rng = np.random.default_rng(0)
    assert share_saved(np.array([10.0, 10.0]), np.array([20.0, 20.0]), rng).value == -1.0
    assert share_saved(np.zeros(3), np.ones(3), rng).value is None
    assert share_saved(np.array([]), np.array([]), rng).n == 0
    assert share_saved(np.array([4.0]), np.array([1.0]), rng).low is None


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        before = rng.gamma(4, 10, size=60)
        after = before * 0.4 + rng.gamma(2, 2, size=60)
        saved = share_saved(before, after, rng)
        covered += saved.low <= 1 - (0.4 * 40 + 4) / 40 <= saved.high
    # 400 repetitions: the standard error is 0.011; percentile intervals of a ratio run a little narrow.
    assert covered / 400 == pytest.approx(0.94, abs=0.03)


def test_tokens_on_problems_that_the_cheaper_setting_solves_are_in_vain():
    found = spent_in_vain(np.array([30.0, 10, 60]), np.array([1.0, 0.5, 0]), np.random.default_rng(0))
    assert found.value == pytest.approx(35 / 100)
    assert found.n == 3


def test_what_is_kept_is_the_rest_of_what_is_saved():
    before, after = np.array([4.0, 2.0, 0.0, 2.0]), np.array([1.0, 2.0, 0.0, 1.0])
    saved = share_saved(before, after, np.random.default_rng(1))
    kept = share_kept(before, after, np.random.default_rng(1))
    assert kept.value == pytest.approx(4 / 8)
    assert (kept.low, kept.high) == pytest.approx((1 - saved.high, 1 - saved.low))
    assert share_kept(np.zeros(3), np.ones(3), np.random.default_rng(1)).value is None
