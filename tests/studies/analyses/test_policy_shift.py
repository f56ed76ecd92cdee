import numpy as np
import pytest

from .pools import finding, full_pools


def test_the_gain_is_drawn_against_the_bound_of_the_shift():
    found = finding("policy_shift", full_pools(100, helpful=3.0))
    oracle, best = found.figure.series
    assert best.x == pytest.approx([np.log(k) - (k - 1) / k for k in (1, 2, 4, 8, 16)])
    assert best.y[0] == 0
    assert found.estimates["gain of best by score@16"].low > 0
    assert all(o >= b for o, b in zip(oracle.y, best.y, strict=True))


def test_a_misleading_score_shows_its_downturn():
    found = finding("policy_shift", full_pools(100, helpful=-3.0))
    assert "The most was gained at k = 1; from there to 16: −" in found.sentence
