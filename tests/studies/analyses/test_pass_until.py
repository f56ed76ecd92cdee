import numpy as np
import pytest

from experiments.statistics.pools import Pool

from .pools import finding


def passing(problem, *draws, n=20):
    right = np.isin(np.arange(1, n + 1), draws)
    return Pool(problem, np.where(right, 0, 1), right, np.ones(n, int))


def test_rates_come_from_the_draw_of_the_last_awaited_pass():
    found = finding("pass_until", [passing("a", 2, 5, 6), passing("b", 9, 11), passing("c")], r=2)
    assert found.estimates["pass rate"].value == pytest.approx((1 / 4 + 1 / 10 + 0) / 3)
    assert "it took 36 of 60 samples" in found.sentence
    assert "1 problem had fewer than 2 passes" in found.sentence
    assert f"the rate is at most {1 - 0.05 ** (1 / 20):.3f}" in found.sentence
    assert found.details["condition"]["F"] == pytest.approx(np.log(-np.log(0.35 / 3)))


def test_the_figure_climbs_from_the_share_that_never_passed():
    (line,) = finding("pass_until", [passing("a", 2, 5), passing("b", 9, 11), passing("c")]).figure.series
    assert line.x == [0.05, 0.1, 0.2, 0.5, 1]
    assert line.y == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1, 1])
