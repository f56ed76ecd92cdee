"""Longest, worst, likeliest, raw and softmax votes, and complexity votes, against brute force over all subsets."""

from itertools import combinations
from math import ceil, comb

import numpy as np
import pytest
from hypothesis import given, settings

from experiments.statistics.selectors.complexity_vote import complexity_vote
from experiments.statistics.selectors.highest_score import best_by_verifier, likeliest, longest
from experiments.statistics.selectors.majority import majority
from experiments.statistics.selectors.oracle import oracle
from experiments.statistics.selectors.weighted_vote import raw_vote, softmax_vote, weighted_vote
from experiments.statistics.selectors.worst import worst_of_k

from .pools import every_k, over_all_subsets, pool, small_pools
from .test_selectors import split_vote


def top_sample(some, values):
    """Of a subset: the chance to be right when the largest of `values` is handed in, ties at random."""

    def accuracy(subset):
        chosen = np.array(subset)
        return some.correct[chosen[values[chosen] == values[chosen].max()]].mean()

    return accuracy


@given(small_pools())
@settings(deadline=None)
def test_worst_of_k_is_right_only_where_all_are(some):
    assert worst_of_k(some, every_k(some)) == pytest.approx(
        over_all_subsets(some, lambda s: some.correct[list(s)].all()), abs=1e-12
    )


def test_worst_of_k_gives_the_ratio_of_binomials():
    seven_of_ten = pool([0] * 7 + [1] * 3)
    assert worst_of_k(seven_of_ten, (3, 8)) == pytest.approx([comb(7, 3) / comb(10, 3), 0])


@given(small_pools())
@settings(deadline=None)
def test_longest_and_likeliest_equal_every_subset_counted_with_answerless_samples_last(some):
    length = np.where(some.answers >= 0, some.tokens, -1)
    assert longest(some, every_k(some)) == pytest.approx(over_all_subsets(some, top_sample(some, length)), abs=1e-12)
    likely = np.where(some.answers >= 0, np.nan_to_num(some.mean_logprobs, nan=-1e9), -1e9)
    assert likeliest(some, every_k(some)) == pytest.approx(over_all_subsets(some, top_sample(some, likely)), abs=1e-12)


def weight_or_count(weights):
    """Votes by weight; where all of a subset weigh nothing every sample counts the same."""

    def accuracy(some, subset):
        weighed = any(weights[j] > 0 and some.answers[j] >= 0 for j in subset)
        return split_vote(some, subset, weights if weighed else np.ones(some.n))

    return accuracy


@given(small_pools())
@settings(deadline=None)
def test_softmax_and_raw_votes_are_exact_where_rotated_orders_cover_every_subset(some):
    covered = sorted({0, some.n - 2, some.n - 1} - {-1})
    scores = some.scores["score"]
    weights = np.nan_to_num(np.exp(scores / 0.5), nan=0.0)
    counted = over_all_subsets(some, lambda subset: weight_or_count(weights)(some, subset))
    estimated = softmax_vote(some, every_k(some), "score", seed=3, temperature=0.5)
    assert estimated[covered] == pytest.approx(counted[covered], abs=1e-9)
    if not (scores < 0).any():
        counted = over_all_subsets(some, lambda subset: weight_or_count(np.nan_to_num(scores))(some, subset))
        assert raw_vote(some, every_k(some), "score", seed=3)[covered] == pytest.approx(counted[covered], abs=1e-9)


def test_scores_that_are_no_weights_are_refused_for_the_raw_vote():
    with pytest.raises(ValueError, match="not weights between 0 and 1"):
        raw_vote(pool([0, 1], score=[-0.5, 0.5]), (1,), "score", 0)


def test_a_very_cold_softmax_is_best_by_verifier():
    rng = np.random.default_rng(2)
    some = pool(rng.integers(-1, 4, 12), score=rng.normal(size=12))
    ks = every_k(some)
    cold = np.mean([softmax_vote(some, ks, "score", seed, temperature=1e-3) for seed in range(150)], axis=0)
    answered = pool(some.answers, score=np.where(some.answers >= 0, some.scores["score"], np.nan))
    assert cold == pytest.approx(best_by_verifier(answered, ks, "score"), abs=0.02)


@given(small_pools())
@settings(max_examples=25, deadline=None)
def test_complexity_vote_comes_near_every_subset_counted_with_equal_steps_in_any_order(some):
    steps = np.where(some.answers >= 0, some.steps, -1)

    def voted(subset):
        """Over every way to fill the places that samples of equal steps compete for."""
        kept = ceil(0.5 * len(subset))
        last = sorted((steps[j] for j in subset), reverse=True)[kept - 1]
        sure, competing = [j for j in subset if steps[j] > last], [j for j in subset if steps[j] == last]
        tops = [(*sure, *filled) for filled in combinations(competing, kept - len(sure))]
        return np.mean([split_vote(some, top, np.ones(some.n)) for top in tops])

    counted = over_all_subsets(some, voted)
    estimated = np.mean([complexity_vote(some, every_k(some), seed, share=0.5) for seed in range(30)], axis=0)
    assert estimated == pytest.approx(counted, abs=0.04)


def test_complexity_vote_over_all_samples_is_the_majority_vote():
    rng = np.random.default_rng(3)
    some = pool(rng.integers(-1, 4, 14), steps=rng.integers(1, 9, 14))
    estimated = np.mean([complexity_vote(some, every_k(some), seed, share=1.0) for seed in range(50)], axis=0)
    assert estimated == pytest.approx(majority(some, every_k(some), 0), abs=0.02)


def test_complexity_vote_lets_the_long_ones_decide():
    some = pool([0, 0, 1, 1, 1, -1], steps=[9, 8, 2, 2, 2, 50])
    assert complexity_vote(some, (6,), 0, share=0.3).tolist() == [1.0]
    assert complexity_vote(some, (6,), 0, share=1.0).tolist() == [0.0]


def test_weighted_vote_with_a_perfect_score_is_the_oracle():
    rng = np.random.default_rng(6)
    answers = rng.integers(0, 5, 20)
    perfect = pool(answers, score=(answers == 0).astype(float))
    reached = weighted_vote(perfect, every_k(perfect), "score", 1)
    drawn = np.mean([weighted_vote(perfect, every_k(perfect), "score", seed) for seed in range(30)], axis=0)
    assert drawn == pytest.approx(oracle(perfect, every_k(perfect)), abs=0.03)
    assert reached[-1] == 1
