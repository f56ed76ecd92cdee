"""Spread, what chance makes of it, and what is left of the extremes on problems that did not pick them."""

import numpy as np
import pytest

from experiments.statistics.format_spread import expected_spread, null_spread, picked_and_measured, spread


def test_the_spread_is_the_largest_accuracy_minus_the_smallest():
    found = spread(np.array([0.5, 0.2, 0.9, 0.6, 0.4]))
    assert found.value == pytest.approx(0.7)
    assert (found.lower_quartile, found.median, found.upper_quartile) == pytest.approx((0.4, 0.5, 0.6))


def test_a_format_that_is_always_right_beside_one_that_never_is_goes_beyond_chance():
    right = np.vstack([np.ones(20), np.zeros(20), np.tile([0, 1], 10), np.tile([1, 0], 10)])
    null = null_spread(right, np.random.default_rng(0))
    assert null.percentile_95 < 1
    assert null.p == pytest.approx(1 / 1001)


def test_problems_on_which_all_formats_agree_leave_no_room_for_chance():
    right = np.tile([0.0, 1.0, 1.0], (5, 1))
    null = null_spread(right, np.random.default_rng(0))
    assert (null.percentile_95, null.p) == (0, 1)
    assert null.low == pytest.approx(np.full(5, 2 / 3))
    assert null.high == pytest.approx(np.full(5, 2 / 3))


def test_the_null_of_two_formats_and_two_open_problems_is_the_one_counted_by_hand():
    # Each problem is right under one of the two formats: spreads 1, 0, 0, 1 with equal chance, so the 95th percentile is 1.
    right = np.array([[1.0, 1.0], [0.0, 0.0]])
    null = null_spread(right, np.random.default_rng(1), permutations=4000)
    assert null.percentile_95 == 1
    assert null.p == pytest.approx(0.5, abs=0.03)


def exceeds(tasks: int, permutations: int) -> float:
    """How often the corrected spread of 12 formats that are all equally good is above zero."""
    count = 0
    for seed in range(tasks):
        rng = np.random.default_rng([5, seed])
        problems = rng.beta(1.2, 0.8, size=400)
        right = (rng.random((12, 400)) < problems).astype(float)
        count += np.ptp(right.mean(axis=1)) > null_spread(right, rng, permutations).percentile_95
    return count / tasks


def test_on_exchangeable_formats_the_corrected_spread_is_above_zero_in_five_percent_of_cases():
    # 5% with a standard error of 1.1 points over 400 tasks; ties of a discrete spread take a little off.
    assert 0.02 <= exceeds(tasks=400, permutations=100) <= 0.08


@pytest.mark.long
def test_on_exchangeable_formats_five_percent_holds_over_many_more_tasks():
    assert 0.036 <= exceeds(tasks=4000, permutations=500) <= 0.058


def test_the_expected_spread_of_some_formats_is_that_over_all_their_subsets():
    accuracies = np.array([0.1, 0.4, 0.5, 0.9])
    found = expected_spread(accuracies, [2, 4], np.random.default_rng(0), resamples=20_000)
    pairs = [0.3, 0.4, 0.8, 0.1, 0.5, 0.4]
    assert found[2][0] == pytest.approx(np.mean(pairs), abs=0.006)
    assert found[4] == pytest.approx((0.8, 0.8, 0.8))


def test_extremes_are_measured_on_the_problems_that_did_not_pick_them():
    picking = np.array([[1, 1, 1, 0], [0, 0, 0, 1], [1, 0, 1, 0]], dtype=float)
    measuring = np.array([[1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=float)
    found = picked_and_measured(picking, measuring, np.random.default_rng(0))
    assert (found.best, found.worst) == (0, 1)
    assert (found.best_accuracy.value, found.worst_accuracy.value, found.difference.value) == (0.5, 0.25, 0.25)
    assert found.difference.n == 4


def test_on_equal_formats_the_measured_difference_centres_on_zero_while_the_picked_one_does_not():
    picked, measured = [], []
    for seed in range(300):
        rng = np.random.default_rng([6, seed])
        right = (rng.random((20, 60)) < 0.6).astype(float)
        found = picked_and_measured(right[:, :30], right[:, 30:], rng)
        picked.append(np.ptp(right[:, :30].mean(axis=1)))
        measured.append(found.difference.value)
    assert np.mean(picked) > 0.25
    # A difference of two rates of 0.6 over 30 problems has sd 0.126, its mean over 300 tasks 0.0073.
    assert abs(np.mean(measured)) < 0.025
