"""Difficulty bins, and the policy by bin that is chosen on other problems."""

import numpy as np
import pytest

from experiments.statistics.compute_optimal import cross_fit, two_folds
from experiments.statistics.difficulty import absolute_bins, quantile_bins
from experiments.statistics.flops_match import token_multiplier


def test_fifths_of_the_problems_count_from_the_easiest():
    bins = quantile_bins(np.arange(20) / 20)
    assert bins.tolist() == [5] * 4 + [4] * 4 + [3] * 4 + [2] * 4 + [1] * 4


def test_equal_problems_share_a_bin():
    bins = quantile_bins(np.array([0.0] * 12 + [0.5] * 4 + [1.0] * 4))
    assert len(set(bins[:12])) == 1
    assert bins[:12].max() > bins[12:16].max() > bins[16:].max() == 1


def test_absolute_bins_have_fixed_ends():
    assert absolute_bins(np.array([1, 0.5, 0.49, 0.1, 0.09, 0])).tolist() == [1, 1, 2, 2, 3, 3]


def test_the_setting_of_a_bin_is_the_best_of_the_other_fold():
    rng = np.random.default_rng(5)
    accuracy, bins, folds = rng.random((40, 3)), rng.integers(1, 4, 40), two_folds(40, rng)
    found = cross_fit(accuracy, bins, folds)
    for i in range(40):
        others = [j for j in range(40) if folds[j] != folds[i] and bins[j] == bins[i]]
        best = max(range(3), key=lambda setting: np.mean([accuracy[j, setting] for j in others]))
        assert found.chosen[i] == best
        assert found.accuracy[i] == accuracy[i, best]
    assert sorted(np.bincount(folds)) == [20, 20]


def test_cross_fitting_promises_nothing_where_all_settings_are_alike():
    """Choosing and scoring on the same problems would promise what luck gave: here about 0.07 more."""
    fitted, hindsight = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        accuracy = (rng.random((100, 8)) < 0.5).astype(float)
        fitted.append(cross_fit(accuracy, rng.integers(1, 6, 100), two_folds(100, rng)).accuracy.mean())
        hindsight.append(accuracy.mean(axis=0).max())
    assert np.mean(fitted) == pytest.approx(0.5, abs=0.02)
    assert np.mean(hindsight) > 0.55


def test_a_bin_that_the_other_fold_lacks_takes_its_best_of_all():
    accuracy = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    found = cross_fit(accuracy, np.array([1, 1, 1, 2]), np.array([0, 0, 1, 1]))
    assert found.chosen.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("ratio", "multiplier"), [(0.16, 257.75), (0.79, 63.37), (22, 15.77)])
def test_a_model_fourteen_times_larger_is_worth_so_many_times_the_tokens(ratio, multiplier):
    assert token_multiplier(14, ratio) == pytest.approx(multiplier, abs=0.005)


def test_without_pretraining_the_multiplier_is_the_ratio_of_sizes():
    assert token_multiplier(14, float("inf")) == 14
