"""Medians and their ratios."""

import numpy as np
import pytest

from experiments.statistics.medians import median, ratio_of_medians


def rng():
    return np.random.default_rng(1)


def test_medians_of_known_amounts():
    found = median(np.array([1.0, 2.0, 9.0]), rng())
    assert (found.value, found.low, found.high, found.n) == (2, 1, 9, 3)
    assert median(np.array([]), rng()).value is None
    assert median(np.array([3.0]), rng()).low is None


def test_a_ratio_of_medians_is_not_the_median_of_ratios():
    found = ratio_of_medians(np.array([4.0, 1.0, 9.0]), np.array([1.0, 2.0, 3.0]), rng())
    assert (found.value, found.n) == (2, 3)


def test_proportional_amounts_have_a_ratio_without_doubt():
    amounts = np.array([1.0, 3.0, 4.0, 8.0])
    found = ratio_of_medians(2.5 * amounts, amounts, rng())
    assert (found.low, found.value, found.high) == pytest.approx((2.5, 2.5, 2.5))


def test_nothing_to_divide_by_is_unknown():
    assert ratio_of_medians(np.array([1.0, 2.0]), np.array([0.0, 0.0]), rng()).value is None
    assert ratio_of_medians(np.array([]), np.array([]), rng()).value is None


def test_the_interval_covers_a_true_ratio_about_95_times_in_100():
    draws = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        first, second = draws.lognormal(1, 0.6, 60), draws.lognormal(0, 0.6, 60)
        found = ratio_of_medians(first, second, draws)
        hits += found.low <= np.e <= found.high
    # Three standard deviations of 300 draws at 0.95 are 0.04.
    assert 0.91 <= hits / 300 <= 0.99
