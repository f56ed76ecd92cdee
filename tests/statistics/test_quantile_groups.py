"""Groups of problems by difficulty."""

import numpy as np

from experiments.statistics.quantile_groups import quantile_groups


def test_different_values_fall_into_groups_of_equal_size():
    assert quantile_groups(np.array([0.9, 0.1, 0.5, 0.2, 0.8, 0.6]), 3).tolist() == [2, 0, 1, 0, 2, 1]


def test_equal_values_share_the_group_of_their_middle_rank():
    # Ranks 1 to 4 are one value, whose middle rank 2.5 lies in the middle third of six.
    assert quantile_groups(np.array([0, 0, 0, 0, 1, 1.0]), 3).tolist() == [1, 1, 1, 1, 2, 2]


def test_one_value_for_all_is_one_group():
    assert set(quantile_groups(np.full(10, 0.3), 5).tolist()) == {2}


def test_a_problem_without_a_value_is_in_no_group():
    assert quantile_groups(np.array([np.nan, 1.0, 2.0]), 2).tolist() == [-1, 0, 1]
    assert quantile_groups(np.array([np.nan]), 3).tolist() == [-1]
