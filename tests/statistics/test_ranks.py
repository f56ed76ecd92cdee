import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from experiments.statistics.intervals import bootstrap_means, middle
from experiments.statistics.ranks import RankInterval, ranks, ranks_of, ranks_under_wrong_labels

# Pervasive Annotation Errors Break Text-to-SQL Benchmarks and Leaderboards (2025), 16 systems, original and corrected labels.
ORIGINAL = np.array([62, 58, 60, 64, 56, 65, 59, 59, 60, 62, 67, 66, 73, 71, 60, 56])
CORRECTED = np.array([81, 75, 76, 81, 68, 78, 70, 70, 69, 70, 74, 68, 71, 69, 56, 52])


def test_ranks_of_the_published_table():
    before, after = ranks(ORIGINAL), ranks(CORRECTED)
    assert [(int(before[i]), int(after[i])) for i in (0, 1, 13, 11)] == [(7, 1), (14, 5), (2, 11), (4, 13)]
    assert spearmanr(ORIGINAL, CORRECTED)[0] == pytest.approx(0.3150, abs=5e-5)


def test_they_are_scipys_with_ties_at_the_smaller_rank():
    scores = np.random.default_rng(1).integers(0, 5, (20, 7))
    assert (ranks(scores) == np.array([rankdata(-row, method="min") for row in scores])).all()


def rank_intervals(values: np.ndarray, rng: np.random.Generator) -> list[RankInterval]:
    return ranks_of(values.mean(axis=0), bootstrap_means(values, rng), middle(len(values)))


def test_a_clear_leader_is_sure_of_its_place_and_equals_are_not():
    rng = np.random.default_rng(2)
    values = np.column_stack([rng.random(200) < 0.9, rng.random(200) < 0.5, rng.random(200) < 0.5]).astype(float)
    first, *others = rank_intervals(values, rng)
    assert (first.rank, first.low, first.high, first.best) == (1, 1, 1, 1.0)
    assert all((each.low, each.high) == (2, 3) for each in others)


def test_arms_that_never_differ_share_the_first_place():
    values = np.repeat(np.random.default_rng(3).integers(0, 2, (30, 1)), 2, axis=1).astype(float)
    assert [(each.rank, each.high, each.best) for each in rank_intervals(values, np.random.default_rng(4))] == [(1, 1, 0.5)] * 2


def test_without_wrong_labels_nothing_moves_and_with_many_order_is_lost():
    rng = np.random.default_rng(5)
    right = np.column_stack([rng.random(100) < 0.7, rng.random(100) < 0.4]).astype(float)
    turned = np.array([0.5, 0.5])
    assert [each[:3] for each in ranks_under_wrong_labels(right, 0.0, turned, rng, 200)] == [(1, 1, 1), (2, 2, 2)]
    leader, other = ranks_under_wrong_labels(right, 1.0, np.array([0.9, 0.1]), rng, 200)
    assert (leader.high, other.low) == (2, 1)
