"""Calibration measures: the handbook's vector (M21), brute force and known truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu

from experiments.statistics.calibration import ace, auroc, brier, log_loss, reliability
from experiments.statistics.temperature_scaling import fit_temperature, scaled

CONFIDENCE = np.array([0.97, 0.91, 0.83, 0.78, 0.62, 0.57, 0.33, 0.21])
CORRECT = np.array([1, 1, 0, 1, 1, 0, 1, 0])


def test_the_handbooks_values():
    assert reliability(CONFIDENCE, CORRECT, 5).ece == pytest.approx(0.2925, abs=1e-12)
    assert reliability(CONFIDENCE, CORRECT, 10).ece == pytest.approx(0.3750, abs=1e-12)
    assert reliability(CONFIDENCE, CORRECT, 5).ece_of_centres == pytest.approx(0.2750, abs=1e-12)
    assert ace(CONFIDENCE, CORRECT, 4) == pytest.approx(0.1725, abs=1e-12)
    assert brier(CONFIDENCE, CORRECT) == pytest.approx(0.21357, abs=5e-6)


outcomes = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0]), st.booleans()), min_size=1, max_size=30)


@given(outcomes, st.integers(1, 12))
@settings(deadline=None)
def test_bins_hold_what_lies_above_their_lower_and_up_to_their_upper_edge(pairs, bins):
    confidence, correct = np.array([c for c, _ in pairs]), np.array([float(z) for _, z in pairs])
    gaps, weights = [], []
    for b in range(bins):
        low, high = b / bins, (b + 1) / bins
        inside = (confidence > low + 1e-12) & (confidence <= high + 1e-12) | (b == 0) & (confidence == 0)
        if inside.any():
            gaps.append(abs(correct[inside].mean() - confidence[inside].mean()))
            weights.append(inside.sum())
    found = reliability(confidence, correct, bins)
    assert found.counts.sum() == len(pairs)
    assert found.ece == pytest.approx(np.average(gaps, weights=weights))
    assert found.mce == pytest.approx(max(gaps))
    assert found.rmsce == pytest.approx(np.sqrt(np.mean(np.square(gaps))))


def test_the_last_of_the_equal_groups_takes_what_is_left_over():
    confidence, correct = np.linspace(0.1, 0.7, 7), np.array([0, 0, 1, 0, 1, 1, 1])
    expected = (abs(0 - 0.15) + abs(0.5 - 0.35) + abs(1 - 0.6)) / 3
    assert ace(confidence, correct, 3) == pytest.approx(expected)


@given(outcomes)
@settings(deadline=None)
def test_auroc_is_the_mann_whitney_statistic(pairs):
    confidence, correct = np.array([c for c, _ in pairs]), np.array([z for _, z in pairs])
    if correct.all() or not correct.any():
        assert auroc(confidence, correct) is None
    else:
        statistic = mannwhitneyu(confidence[correct], confidence[~correct]).statistic
        assert auroc(confidence, correct) == pytest.approx(statistic / (correct.sum() * (~correct).sum()))


def test_a_sure_mistake_costs_a_finite_log_loss():
    assert log_loss(np.array([1.0, 0.5]), np.array([0, 1])) == pytest.approx((-np.log(1e-6) - np.log(0.5)) / 2)


def test_the_temperature_that_spoilt_the_confidences_is_found():
    rng = np.random.default_rng(1)
    honest = rng.uniform(0.02, 0.98, 40_000)
    correct = rng.random(40_000) < honest
    overconfident = expit(logit(honest) * 2.5)
    assert fit_temperature(overconfident, correct) == pytest.approx(2.5, rel=0.04)
    mended = scaled(overconfident, 2.5)
    assert mended == pytest.approx(honest)
    assert reliability(mended, correct).ece < 0.01 < reliability(overconfident, correct).ece
