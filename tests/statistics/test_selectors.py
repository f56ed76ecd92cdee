"""Every selector against brute force over all subsets, and against the handbook's check values (M2)."""

import numpy as np
import pytest
from hypothesis import given, settings

from experiments.statistics.selectors.ballots import ballots
from experiments.statistics.selectors.highest_score import best_by_verifier, shortest
from experiments.statistics.selectors.majority import majority, win_probability
from experiments.statistics.selectors.mean import mean
from experiments.statistics.selectors.oracle import oracle
from experiments.statistics.selectors.weighted_vote import weighted_vote

from .pools import every_k, over_all_subsets, pool, small_pools

HANDBOOK = pool([0, 1, 2, 1, 1, 0], correct=(1,), score=[0.9, 0.8, 0.8, 0.5, 0.4, 0.1])


@given(small_pools())
@settings(deadline=None)
def test_oracle_and_mean_equal_every_subset_counted(some):
    ks = every_k(some)
    assert oracle(some, ks) == pytest.approx(over_all_subsets(some, lambda s: some.correct[list(s)].any()), abs=1e-12)
    assert mean(some, ks) == pytest.approx(over_all_subsets(some, lambda s: some.correct[list(s)].mean()), abs=1e-12)


@given(small_pools())
@settings(deadline=None)
def test_best_by_verifier_equals_every_subset_counted_with_unscored_samples_last(some):
    scores = np.nan_to_num(some.scores["score"], nan=-1e9)

    def best(subset):
        chosen = np.array(subset)
        return some.correct[chosen[scores[chosen] == scores[chosen].max()]].mean()

    assert best_by_verifier(some, every_k(some), "score") == pytest.approx(over_all_subsets(some, best), abs=1e-12)


@given(small_pools())
@settings(deadline=None)
def test_shortest_equals_every_subset_counted_with_answerless_samples_last(some):
    length = np.where(some.answers >= 0, some.tokens, 10**9)

    def briefest(subset):
        chosen = np.array(subset)
        return some.correct[chosen[length[chosen] == length[chosen].min()]].mean()

    assert shortest(some, every_k(some)) == pytest.approx(over_all_subsets(some, briefest), abs=1e-12)


def split_vote(some, subset, weights):
    """The winners' share of right classes when `weights` (by position) vote; 0 where nothing has an answer."""
    totals = {}
    for j in subset:
        if some.answers[j] >= 0:
            totals[some.answers[j]] = totals.get(some.answers[j], 0) + weights[j]
    winners = [answer for answer, total in totals.items() if total >= max(totals.values()) - 1e-12]
    right = set(some.answers[some.correct])
    return np.mean([answer in right for answer in winners]) if winners else 0.0


@given(small_pools())
@settings(deadline=None)
def test_majority_equals_every_subset_counted_with_ties_split(some):
    counted = over_all_subsets(some, lambda subset: split_vote(some, subset, np.ones(some.n)))
    assert majority(some, every_k(some), seed=0) == pytest.approx(counted, abs=1e-12)


def min_max(scores, subset):
    """{position: weight} as the handbook defines it, with an unscored sample at the bottom."""
    known = [scores[j] for j in subset if not np.isnan(scores[j])]
    if not known:
        return dict.fromkeys(subset, 1.0)
    low, high = min(known), max(known)
    if low == high:
        return {j: 0.0 if np.isnan(scores[j]) else 1.0 for j in subset}
    return {j: 0.0 if np.isnan(scores[j]) else (scores[j] - low) / (high - low) for j in subset}


@given(small_pools())
@settings(deadline=None)
def test_weighted_vote_is_exact_where_rotated_orders_cover_every_subset(some):
    scores = some.scores["score"]
    counted = over_all_subsets(some, lambda subset: split_vote(some, subset, min_max(scores, subset)))
    estimated = weighted_vote(some, every_k(some), "score", seed=3)
    covered = sorted({0, some.n - 2, some.n - 1} - {-1})
    assert estimated[covered] == pytest.approx(counted[covered], abs=1e-9)


@given(small_pools())
@settings(max_examples=40, deadline=None)
def test_weighted_vote_comes_near_every_subset_counted_in_between(some):
    scores = some.scores["score"]
    counted = over_all_subsets(some, lambda subset: split_vote(some, subset, min_max(scores, subset)))
    estimated = np.mean([weighted_vote(some, every_k(some), "score", seed) for seed in range(40)], axis=0)
    # 40 x 200 subsets: the standard error of a share is below 0.006.
    assert estimated == pytest.approx(counted, abs=0.03)


def test_best_by_verifier_gives_the_handbooks_values_with_ties():
    assert best_by_verifier(HANDBOOK, (1, 2, 3, 6), "score") == pytest.approx([0.5, 0.433333, 0.275, 0], abs=5e-7)


def test_majority_gives_the_handbooks_values():
    answers = [0] * 4 + [1] * 3 + [2] * 2 + [3]
    largest_right = majority(pool(answers, correct=(0,)), (1, 2, 3, 5, 7), seed=0)
    assert largest_right == pytest.approx([0.4, 0.4, 0.455556, 0.559524, 0.666667], abs=5e-7)
    second_right = majority(pool(answers, correct=(1,)), (1, 3, 5, 7, 10), seed=0)
    assert second_right == pytest.approx([0.3, 0.3, 0.315476, 0.283333, 0], abs=5e-7)


def test_class_wins_and_empty_votes_sum_to_one_at_every_k():
    sizes = [9, 9, 5, 3, 1, 1]
    wins = sum(win_probability(size, tuple(sorted(sizes[:i] + sizes[i + 1 :])), 4) for i, size in enumerate(sizes))
    k = np.arange(len(wins))
    nothing_to_count = np.array([1, 4 / 32, 4 * 3 / (32 * 31), 24 / (32 * 31 * 30), 24 / (32 * 31 * 30 * 29)])
    assert wins == pytest.approx(1 - np.where(k < 5, nothing_to_count[np.minimum(k, 4)], 0), abs=1e-12)


def test_weighted_vote_with_equal_scores_is_the_majority_vote():
    rng = np.random.default_rng(5)
    answers = rng.integers(-1, 4, 16)
    equal = pool(answers, score=np.full(16, -0.7))
    ks = every_k(equal)
    estimated = np.mean([weighted_vote(equal, ks, "score", seed) for seed in range(50)], axis=0)
    # 50 x 208 subsets: the standard error is below 0.005.
    assert estimated == pytest.approx(majority(equal, ks, seed=0), abs=0.02)
    counted = ballots(equal, ks, 7)
    assert weighted_vote(equal, ks, "score", 7).tolist() == counted.accuracy(counted.votes).tolist()


def test_best_by_a_perfect_score_is_the_oracle():
    rng = np.random.default_rng(6)
    answers = rng.integers(0, 5, 20)
    perfect = pool(answers, score=(answers == 0).astype(float))
    assert best_by_verifier(perfect, every_k(perfect), "score") == pytest.approx(oracle(perfect, every_k(perfect)), abs=1e-12)


def test_best_by_a_useless_score_is_the_mean():
    useless = pool([0, 1, 0, 2], score=[np.nan] * 4)
    assert best_by_verifier(useless, every_k(useless), "score") == pytest.approx([0.5] * 4)


def test_a_pool_without_any_answer_is_wrong_at_every_k():
    silent = pool([-1, -1, -1], score=[0.1, 0.2, np.nan])
    for curve in (
        majority(silent, (1, 3), 0),
        weighted_vote(silent, (1, 3), "score", 0),
        shortest(silent, (1, 3)),
        best_by_verifier(silent, (1, 3), "score"),
        oracle(silent, (1, 3)),
    ):
        assert curve.tolist() == [0, 0]


def test_a_large_pool_is_voted_on_by_subsets_and_agrees_with_the_exact_count():
    rng = np.random.default_rng(8)
    answers = rng.choice([0, 1, 2, -1], p=[0.4, 0.35, 0.15, 0.1], size=300)
    large, ks = pool(answers), (1, 10, 100, 300)
    _, sizes = np.unique(answers[answers >= 0], return_counts=True)
    exact = win_probability(int(sizes[0]), tuple(sorted(sizes[1:].tolist())), int((answers < 0).sum()))[list(ks)]
    estimated = np.mean([majority(large, ks, seed) for seed in range(30)], axis=0)
    assert estimated == pytest.approx(exact, abs=0.03)
    assert estimated[-1] == exact[-1]


def test_the_same_seed_draws_the_same_subsets():
    some = pool([0, 1, 1, 0, 2, 0, 1, 3], score=[0.1, 0.9, 0.3, 0.4, 0.5, 0.6, 0.2, 0.8])
    assert weighted_vote(some, (3, 4), "score", 11).tolist() == weighted_vote(some, (3, 4), "score", 11).tolist()
    assert weighted_vote(some, (3, 4), "score", 11).tolist() != weighted_vote(some, (3, 4), "score", 12).tolist()
