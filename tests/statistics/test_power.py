"""The numbers of problems against the handbook's, and the smallest difference as their inverse and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.paired import mcnemar_mid_p
from experiments.statistics.power import problems_needed, smallest_detectable


@pytest.mark.parametrize(("difference", "discordance", "n"), [(0.05, 0.20, 626), (0.03, 0.20, 1742), (0.02, 0.10, 1960)])
def test_check_values(difference, discordance, n):
    assert problems_needed(difference, discordance) == pytest.approx(n, abs=1)


def test_no_difference_takes_for_ever_and_no_problems_show_nothing():
    assert problems_needed(0, 0.2) == math.inf
    assert smallest_detectable(0, 0.2) == 1.0
    assert smallest_detectable(50, 0.0) == 0.0


@given(st.integers(30, 5000), st.floats(0.05, 1))
def test_the_smallest_detectable_difference_needs_just_so_many_problems(n, mean_square):
    assert problems_needed(smallest_detectable(n, mean_square), mean_square) == pytest.approx(n, rel=1e-6)


def test_the_promised_power_is_reached():
    rng = np.random.default_rng(0)
    difference, discordance = 0.1, 0.3
    n = math.ceil(problems_needed(difference, discordance))
    shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    tables = rng.multinomial(n, shares, size=3000)
    found = [mcnemar_mid_p(int(first), int(second)) <= 0.05 for first, second, _ in tables]
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)
