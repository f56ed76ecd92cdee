import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from experiments.statistics.corrections import benjamini_hochberg, max_t
from experiments.statistics.paired import holm, sign_flip

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_worked_example():
    # Handbook, measurement.md section 5.
    adjusted = benjamini_hochberg([0.001, 0.008, 0.012, 0.03, 0.04, 0.2])
    assert adjusted == pytest.approx([0.006, 0.024, 0.024, 0.045, 0.048, 0.2])


@given(P_VALUES)
@settings(max_examples=25, deadline=None)
def test_both_corrections_are_those_of_statsmodels(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1], abs=1e-9)
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-9)


def test_one_comparison_needs_no_correction():
    differences = np.random.default_rng(1).normal(0.3, 1, 40)
    alone = max_t(differences[:, None], np.random.default_rng(2))
    assert alone[0] == pytest.approx(sign_flip(differences, np.random.default_rng(2)), abs=0.005)


def test_a_comparison_made_twice_costs_nothing_while_holm_charges_for_it():
    rng = np.random.default_rng(3)
    differences = rng.normal(0.35, 1, 40)
    single = max_t(differences[:, None], np.random.default_rng(4))[0]
    assert max_t(np.column_stack([differences] * 5), np.random.default_rng(4)) == pytest.approx([single] * 5)


def test_a_column_without_a_difference_claims_nothing():
    differences = np.column_stack([np.zeros(20), np.ones(20)])
    assert max_t(differences, np.random.default_rng(5))[0] == 1.0
    assert max_t(differences, np.random.default_rng(5))[1] < 0.01


def test_false_claims_are_made_at_the_level():
    rng = np.random.default_rng(6)
    claims = [min(max_t(rng.normal(size=(30, 1)) + rng.normal(size=(30, 4)), rng, flips=399)) <= 0.05 for _ in range(3_000)]
    assert np.mean(claims) == pytest.approx(0.05, abs=2.5 * np.sqrt(0.05 * 0.95 / 3_000))
