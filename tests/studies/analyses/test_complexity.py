import pytest

from .pools import finding, full_pools


def test_long_right_answers_vote_better_and_long_wrong_ones_worse():
    better = finding("complexity", full_pools(120, length_effect=25)).estimates["top 12 of 16 − majority@16"]
    worse = finding("complexity", full_pools(120, length_effect=-25)).estimates["top 12 of 16 − majority@16"]
    assert better.low > 0
    assert worse.high < 0


def test_the_line_ends_at_the_majority_of_all():
    pools = full_pools(60)
    line = finding("complexity", pools).figure.series[0]
    majority = finding("selectors", pools).estimates["majority@16"].value
    assert line.x[-1] == 1
    assert line.y[-1] == pytest.approx(majority)
