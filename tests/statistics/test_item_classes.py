"""Classes of problems, and that picking on one half cannot fake a reversal on the other."""

import numpy as np
import pytest

from experiments.statistics.item_classes import classify, gaps, halves


def test_classes_by_hand():
    small = np.array([[1.0, 0.0, 1.0, 0.0, 0.5], [1.0, 0.0, 0.5, 0.0, 0.5]])
    large = np.array([[1.0, 0.0, 0.0, 1.0, 0.55]])
    assert classify(small, large) == ["ceiling", "floor", "inverse", "normal", "weak"]


def test_halves_are_the_even_and_the_odd_places():
    even, odd = halves(np.array([[1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0]]))
    assert even.tolist() == [1.0, 0.5]
    assert odd.tolist() == [0.5, 0.0]


def test_gaps_by_hand():
    small = (np.array([0.75, 0.5]), np.array([0.75, 0.75]))
    large = (np.array([0.25, 0.5]), np.array([1.0, 1.0]))
    found = gaps(small, large, np.random.default_rng(0))
    assert found.before.value == pytest.approx(0.25)
    assert found.after.value == pytest.approx(-0.25)
    assert found.closed.value == pytest.approx(0.5)
    assert found.small_effect.value == pytest.approx(0.125)
    assert found.large_effect.value == pytest.approx(0.625)


def test_no_limit_at_all_looks_like_a_reversal_only_to_who_measures_where_he_picked():
    rng = np.random.default_rng(1)
    same, other = [], []
    for _ in range(60):
        # Both models are equally good, and the second measurement is a repeat of the first.
        first, second, repeat_small, repeat_large = (rng.binomial(4, 0.5, 80) / 4 for _ in range(4))
        odd_small, odd_large = (rng.binomial(4, 0.5, 80) / 4 for _ in range(2))
        picked = np.array(classify(first[None], second[None])) == "inverse"
        naive = gaps((first[picked], repeat_small[picked]), (second[picked], repeat_large[picked]), rng)
        honest = gaps((odd_small[picked], repeat_small[picked]), (odd_large[picked], repeat_large[picked]), rng)
        same.append(naive.closed.value)
        other.append(honest.closed.value)
    assert np.mean(same) > 0.25
    assert np.mean(other) == pytest.approx(0, abs=0.06)
