import numpy as np
import pytest
from scipy.stats import pearsonr

from experiments.statistics.scale_curve import best_size, size_correlation

SIZES = np.array([1e8, 1e9, 1e10])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_correlation_is_pearsons_over_all_cells(rng):
    right = rng.random((3, 40))
    found = size_correlation(SIZES, right, rng)
    expected = pearsonr(np.repeat(np.log10(SIZES), 40), right.ravel()).statistic
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert found.low < expected < found.high
    assert found.n == 40


def test_where_larger_models_are_always_worse_the_correlation_is_clear(rng):
    right = np.array([1.0, 0.5, 0.0])[:, None] + np.zeros((3, 20))
    assert size_correlation(SIZES, right, rng).value == pytest.approx(-1)


def test_nothing_is_said_of_one_size_or_of_equal_accuracies(rng):
    assert size_correlation(np.array([5.0, 5.0]), rng.random((2, 9)), rng).value is None
    assert size_correlation(SIZES, np.ones((3, 9)), rng).value is None
    assert best_size(SIZES[:2], rng.random((2, 9)), rng).value is None


def test_the_best_size_is_where_the_smoothed_curve_is_highest(rng):
    right = np.array([0.2, 0.9, 0.3])[:, None] + np.zeros((3, 10))
    found = best_size(SIZES, right, rng)
    assert found.value == 1e9
    assert found.low == found.high == found.value, "all problems are alike"
    assert best_size(SIZES, np.full((3, 10), 0.5), rng).value == 1e8, "the smallest of equals"


def test_a_lucky_model_among_neighbours_of_its_size_is_smoothed_away(rng):
    sizes = np.array([1e8, 1e9, 1.1e9, 1.2e9, 1e10])
    accuracy = np.array([0.6, 0.2, 0.65, 0.2, 0.3])[:, None] + np.zeros((5, 10))
    assert best_size(sizes, accuracy, rng).value == 1e8
