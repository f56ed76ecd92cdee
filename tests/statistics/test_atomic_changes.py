"""One changed constant: paired tests, their correction, and paths of two changes."""

import numpy as np
import pytest

from experiments.statistics.atomic_changes import changes, monotone_share, paired_p

# 20 problems of which 15 are lost and 5 won, and 20 that stay.
BEFORE = np.array([1] * 15 + [0] * 5 + [1] * 20, dtype=float)
AFTER = np.array([0] * 15 + [1] * 5 + [1] * 20, dtype=float)


def test_a_change_is_tested_by_mcnemar_and_corrected_for_all_changes():
    lost, none = changes([(BEFORE, AFTER), (BEFORE, BEFORE)], np.random.default_rng(0))
    assert lost.difference.value == pytest.approx(-0.25)
    assert lost.p == pytest.approx(0.0266, abs=5e-5)
    assert lost.adjusted_p == pytest.approx(2 * 0.0266, abs=1e-4)
    assert (none.difference.value, none.p, none.adjusted_p) == (0, 1, 1)
    assert (lost.is_notable, none.is_notable) == (True, False)


def test_five_points_are_notable():
    before = np.zeros(20)
    after = np.array([1.0] + [0.0] * 19)
    assert changes([(before, after)], np.random.default_rng(0))[0].is_notable


def test_shares_over_repeats_are_tested_by_flipping_signs():
    before = np.full(10, 0.5)
    # All ten differences have one sign: 2 of 1,024 patterns are as extreme.
    assert paired_p(before, before + 0.25, np.random.default_rng(0)) == pytest.approx(2 / 1024, abs=0.0015)


def test_only_paths_that_keep_their_direction_are_monotone():
    paths = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.1, 0.3, 0.2], [0.1, 0.1, 0.2], [0.1, 0.2, 0.1]])
    found = monotone_share(paths)
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)


def test_chance_makes_a_third_of_the_paths_monotone():
    paths = np.random.default_rng(0).integers(0, 40, size=(20_000, 3)) / 40
    assert monotone_share(paths).value == pytest.approx(1 / 3, abs=0.012)


def test_without_a_path_nothing_is_known():
    assert monotone_share(np.empty((0, 3))).value is None
