"""What stopping early would have saved, out of pools."""

import numpy as np
import pytest

from experiments.statistics.pools import Pool

from .pools import finding, full_pools


def test_unanimous_problems_are_stopped_after_as_many_votes_as_the_risk_asks_for():
    sure = [Pool(f"p{i}", np.zeros(16, int), np.ones(16, bool), np.ones(16, int)) for i in range(8)]
    found = finding("adaptive", sure, error_risk=0.02)
    assert found.estimates["samples drawn at risk 0.02"].value == 5  # 1 / 2^(5 + 1) is below 0.02, 1 / 2^5 is not
    assert found.sentence.startswith("Stopping a vote at an error risk of 0.02 takes 5.0 [5.0, 5.0] of 16 samples, 69% saved")
    assert "no clear difference" in found.sentence


def test_both_rules_are_drawn_beside_what_as_many_samples_for_all_reach():
    figure = finding("adaptive", full_pools(40)).figure
    names = [series.name for series in figure.series]
    assert names == ["majority, fixed", "vote until settled", "best by score, fixed", "until score is good enough"]
    for series in figure.series[1::2]:
        assert series.x == sorted(series.x)
        assert 1 <= series.x[0] < series.x[-1] <= 16


def test_the_difference_is_paired_with_the_fixed_curve_at_equal_mean_samples():
    found = finding("adaptive", full_pools(60))
    difference = found.estimates["vote stopped at risk 0.05 − majority of as many samples"]
    majority, adaptive = found.figure.series[:2]
    drawn = found.estimates["samples drawn at risk 0.05"].value
    reached = np.interp(drawn, adaptive.x, adaptive.y) - np.interp(drawn, majority.x, majority.y)
    assert difference.value == pytest.approx(reached, abs=1e-9)
    assert difference.n == 60
