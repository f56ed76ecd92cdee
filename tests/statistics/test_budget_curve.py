import numpy as np
import pytest

from experiments.statistics.budget_curve import area_under, budget_grid, right_within


def test_the_grid_goes_to_the_longest_answer_in_equal_ratios():
    assert budget_grid(64, 7).tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert budget_grid(1, 5).tolist() == [1, 2]


def test_an_answer_counts_once_it_is_finished_and_if_it_is_right():
    tokens, correct = np.array([4, 8, 2]), np.array([True, True, False])
    assert right_within(tokens, correct, np.array([1, 4, 8])) == pytest.approx([0, 1 / 3, 2 / 3])


def test_the_area_is_one_where_every_budget_is_enough_and_halves_where_half_of_the_doublings_are():
    budgets = np.array([1, 2, 4])
    assert area_under(budgets, np.array([[1.0, 1, 1], [0, 0, 1]])) == pytest.approx([1, 0.25])
