"""Two models' accuracies over the same formats, against scipy and against counting pairs."""

import itertools

import numpy as np
import pytest
from scipy.stats import spearmanr

from experiments.statistics.format_agreement import rank_correlation, reversals


def test_the_rank_correlation_is_scipys_with_ties():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 8, 30) / 8, rng.integers(0, 8, 30) / 8
    found = rank_correlation(first, second, rng)
    assert found.value == pytest.approx(spearmanr(first, second).statistic)
    assert found.low < found.value < found.high
    assert found.n == 30


def test_formats_that_make_no_difference_have_no_rank():
    found = rank_correlation(np.full(9, 0.5), np.arange(9) / 9, np.random.default_rng(0))
    assert found.value is None


def test_reversals_are_the_pairs_under_which_the_better_model_changes():
    rng = np.random.default_rng(2)
    first, second = rng.random(12), rng.random(12)
    lead = first - second
    pairs = list(itertools.combinations(lead, 2))
    counted = sum(a * b < 0 and min(abs(a), abs(b)) > 0.1 for a, b in pairs) / len(pairs)
    found = reversals(first, second, rng, threshold=0.1)
    assert found.value == pytest.approx(counted)
    assert found.low <= found.value <= found.high


def test_a_difference_of_exactly_the_threshold_is_no_lead():
    first, second = np.array([0.52, 0.40]), np.array([0.50, 0.60])
    assert reversals(first, second, np.random.default_rng(0), threshold=0.02).value == 0
    assert reversals(first, second, np.random.default_rng(0), threshold=0.01).value == 1
