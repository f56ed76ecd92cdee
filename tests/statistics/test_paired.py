"""Paired tests against published check values, statsmodels and enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.multitest import multipletests

from experiments.statistics.paired import holm, mcnemar, mcnemar_mid_p, sign_flip


@pytest.mark.parametrize(
    ("only_first", "only_second", "exact", "mid_p"), [(15, 5, 0.0414, 0.0266), (6, 1, 0.1250, 0.0703), (20, 20, 1, 0.9373)]
)
def test_check_values(only_first, only_second, exact, mid_p):
    assert mcnemar(only_first, only_second) == pytest.approx(exact, abs=5e-5)
    assert mcnemar_mid_p(only_first, only_second) == pytest.approx(mid_p, abs=5e-5)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_exact_test_is_statsmodels_own(only_first, only_second):
    theirs = their_mcnemar([[5, only_first], [only_second, 7]], exact=True).pvalue
    assert mcnemar(only_first, only_second) == pytest.approx(theirs, rel=1e-9)
    assert 0 < mcnemar_mid_p(only_first, only_second) <= mcnemar(only_first, only_second) + 1e-12


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_mid_p_takes_half_the_chance_of_what_was_seen_off_each_tail(only_first, only_second):
    n, chances = only_first + only_second, binom.pmf(np.arange(only_first + only_second + 1), only_first + only_second, 0.5)
    as_far = np.abs(np.arange(n + 1) - n / 2) >= abs(only_first - n / 2)
    seen = chances[only_first] / 2 if only_first == only_second else chances[only_first]
    expected = chances[as_far].sum() - seen if n else 1.0
    assert mcnemar_mid_p(only_first, only_second) == pytest.approx(expected, abs=1e-9)


def test_nothing_different_is_no_evidence():
    assert mcnemar(0, 0) == mcnemar_mid_p(0, 0) == sign_flip(np.zeros(5), np.random.default_rng(0)) == 1.0


def test_random_sign_flips_approach_the_enumeration_of_all():
    differences = np.array([0.5, -0.25, 1.0, 0.75, -0.5, 0.25, 1.0, 0.125])
    sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=8)])
    exact = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-9)
    assert sign_flip(differences, np.random.default_rng(1), 200_000) == pytest.approx(exact, abs=0.004)


def test_sign_flip_holds_its_level():
    rng = np.random.default_rng(2)
    rejected = [sign_flip(rng.normal(size=20), rng, 400) <= 0.05 for _ in range(1500)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.017)


def test_holm_check_values():
    assert holm([0.001, 0.008, 0.012, 0.03, 0.04, 0.2]) == pytest.approx([0.006, 0.04, 0.048, 0.09, 0.09, 0.2])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_holm_is_statsmodels_own(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-12)
