import numpy as np
import pytest

from experiments.statistics.pools import Pool

from .pools import finding, full_pools


def test_one_point_curves_have_the_regret_of_a_ramp_and_a_plain():
    right = [Pool(f"p{i}", np.zeros(4, int), np.ones(4, bool), np.full(4, 10)) for i in range(3)]
    found = finding("regret", right)
    # Up to 10 tokens the line climbs to 1, then stays: half of 10 of the 40 tokens are missing.
    assert found.estimates["regret, majority"].value == pytest.approx(5 / 40)


def test_regret_falls_with_the_budget_and_is_least_for_the_oracle():
    found = finding("regret", full_pools(60))
    oracle, majority, _, single = (series.y for series in found.figure.series)
    assert oracle == sorted(oracle, reverse=True)
    assert oracle[-1] < majority[-1] < single[-1]
