"""What k of n samples cost."""

import numpy as np

from experiments.statistics.drawing_cost import drawing_cost

# A prompt of 10 and texts of 4, 6 and 8 tokens: one sample costs 10 + 6 on average.
KS = (1, 2, 3)


def test_a_shared_prompt_is_paid_once_at_every_k():
    assert drawing_cost(KS, [3], [16], [10 + 18]).tolist() == [[16, 22, 28]]


def test_a_prompt_that_every_sample_paid_is_paid_k_times():
    assert drawing_cost(KS, [3], [16], [30 + 18]).tolist() == [[16, 32, 48]]


def test_every_pool_has_its_own_row_and_all_samples_cost_what_was_spent():
    costs = drawing_cost((1, 4), [4, 4], [3.0, 5.0], [9.0, 20.0])
    np.testing.assert_allclose(costs, [[3, 9], [5, 20]])


def test_a_pool_of_one_costs_what_its_sample_did():
    assert drawing_cost((1,), [1], [7.5], [7.5]).tolist() == [[7.5]]
