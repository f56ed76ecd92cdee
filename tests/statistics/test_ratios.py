import numpy as np
import pytest

from experiments.statistics.ratios import ratio, ratio_bands


def test_a_ratio_is_sum_over_sum_with_its_interval_around_it():
    rng = np.random.default_rng(1)
    counts = rng.integers(1, 20, 200)
    right = rng.binomial(counts, 0.3)
    found = ratio(right, counts, rng)
    assert found.value == pytest.approx(right.sum() / counts.sum())
    assert found.low < 0.3 < found.high
    # For such a ratio the linearised standard error is close: the residuals right - ratio x count, over the mean count.
    error = (right - found.value * counts).std() / counts.mean() / np.sqrt(200)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_a_column_without_anything_has_no_value_and_one_problem_no_interval():
    empty = ratio_bands(np.zeros((3, 2)), np.array([[0, 1], [0, 2], [0, 0]]), np.random.default_rng(2))
    assert np.isnan(empty.mean[0])
    assert np.isnan(empty.low[0])
    assert empty.mean[1] == empty.low[1] == 0
    assert ratio(np.zeros(3), np.zeros(3), np.random.default_rng(2)).value is None
    assert ratio(np.ones(1), np.full(1, 2), np.random.default_rng(2)).low is None
