"""Reading a pool where it has cost as much, and the differences from there."""

import numpy as np
import pytest

from experiments.statistics.equal_cost import compare, cost_at_k, curve_at, k_at_cost


def test_a_pools_cost_is_a_line_through_one_sample_and_all_of_them():
    assert cost_at_k(1, 30, 180, 16) == 30
    assert cost_at_k(16, 30, 180, 16) == 180
    assert k_at_cost(cost_at_k(4.5, 30, 180, 16), 30, 180, 16) == pytest.approx(4.5)


def test_what_costs_less_than_one_sample_or_more_than_all_lies_outside():
    assert k_at_cost(10, 30, 180, 16) < 1
    assert k_at_cost(400, 30, 180, 16) > 16


def test_between_two_points_of_the_curve_lies_a_line_and_its_ends_are_held():
    values, ks = np.array([[0.0, 0.4, 0.8]]), (1, 2, 4)
    assert [curve_at(values, ks, k)[0] for k in (0.2, 1, 1.5, 2, 3, 4, 9)] == pytest.approx([0, 0, 0.2, 0.4, 0.6, 0.8, 0.8])


def test_many_comparisons_of_nothing_rarely_claim_a_difference():
    claims = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        differences = rng.choice([-1.0, 0.0, 1.0], size=(60, 10), p=[0.2, 0.6, 0.2])
        claims += any(each.is_clear() for each in compare(differences, rng))
    assert claims <= 9  # 5% of 60 are 3; more than 9 has a chance below 0.3%


def test_a_real_difference_is_found_and_its_p_is_corrected_for_the_others():
    rng = np.random.default_rng(4)
    differences = rng.choice([-1.0, 0.0, 1.0], size=(80, 5), p=[0.2, 0.6, 0.2])
    differences[:, 2] = rng.choice([0.0, 1.0], size=80, p=[0.6, 0.4])
    found = compare(differences, rng)
    assert [each.is_clear() for each in found] == [False, False, True, False, False]
    assert found[2].adjusted_p == pytest.approx(5 * found[2].p)
    assert found[2].difference.value == pytest.approx(differences[:, 2].mean())


def test_nothing_to_compare_is_no_comparison():
    assert compare(np.empty((0, 0)), np.random.default_rng(0)) == []
