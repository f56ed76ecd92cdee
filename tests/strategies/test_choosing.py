"""Choosing one of several answers does what the selectors do to a pool, with ties broken by the seed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from experiments.domain.seeds import rng
from experiments.domain.types import FinishReason, Sample, Usage
from experiments.statistics.selectors.highest_score import best_by_verifier
from experiments.statistics.selectors.majority import majority
from experiments.statistics.selectors.weighted_vote import weighted_vote
from experiments.strategies.choosing import Candidate, choose, highest, min_max, vote
from tests.statistics.pools import small_pools

_SEEDS = range(48)


class Reader:
    """The part of a lab that a choice needs: what each sample answers."""

    def __init__(self, answers):
        self._answers = answers

    async def answer_of(self, sample: Sample) -> str | None:
        number = self._answers[sample.index]
        return None if number < 0 else str(number)


def candidates_with(scores) -> list[Candidate]:
    samples = [Sample(("", i), i, "", FinishReason.STOP, i, Usage()) for i in range(len(scores))]
    return [Candidate(sample, None if math.isnan(score) else float(score)) for sample, score in zip(samples, scores, strict=True)]


@pytest.mark.parametrize(
    ("choice", "selector"),
    [
        ("majority", lambda pool: majority(pool, (pool.n,), 1)),
        ("weighted_vote", lambda pool: weighted_vote(pool, (pool.n,), "score", 1)),
        ("highest_score", lambda pool: best_by_verifier(pool, (pool.n,), "score")),
    ],
)
@settings(max_examples=60, deadline=None)
@given(pool=small_pools())
async def test_a_choice_is_right_as_often_as_the_selector_says(choice, selector, pool):
    (expected,) = selector(pool)
    right = []
    for seed in _SEEDS:
        chosen, _ = await choose(choice, candidates_with(pool.scores["score"]), Reader(pool.answers), rng(seed))
        right.append(chosen is not None and pool.correct[chosen.index])
    assert abs(np.mean(right) - expected) <= 4.5 * math.sqrt(max(expected * (1 - expected), 0.0) / len(right)) + 1e-9


def test_weights_are_spread_from_the_lowest_to_the_highest_score():
    assert min_max([2.0, 1.0, None, 4.0]) == pytest.approx([1 / 3, 0.0, 0.0, 1.0])
    assert min_max([3.0, 3.0, None]) == [1.0, 1.0, 0.0]
    assert min_max([None, None]) == [1.0, 1.0]


def test_what_has_no_answer_never_wins():
    assert vote(["7", None, None, None], [0.1, 1, 1, 1], rng(1)) == "7"
    assert vote([None], [1.0], rng(1)) is None


def test_sums_that_differ_by_rounding_only_are_a_tie():
    answers = ["a", "a", "a", "b"]
    assert {vote(answers, [0.1, 0.1, 0.1, 0.3], rng(seed)) for seed in range(20)} == {"a", "b"}


async def test_of_the_winning_answer_the_text_with_the_highest_score_is_taken():
    chosen, why = await choose("majority", candidates_with([3.0, 1.0, 2.0]), Reader([6, 7, 7]), rng(1))
    assert (chosen.index, why) == (2, "majority")


async def test_nothing_to_choose_is_said():
    assert await choose("majority", [], Reader([]), rng(1)) == (None, "no answer was finished")
    assert await choose("majority", candidates_with([1.0]), Reader([-1]), rng(1)) == (None, "no answer could be read")


def test_a_missing_score_ranks_last():
    unscored, low, high = candidates_with([math.nan, -2.0, -1.0])
    assert highest([unscored, low, high], rng(1)) is high
    assert highest([unscored, low], rng(1)) is low
