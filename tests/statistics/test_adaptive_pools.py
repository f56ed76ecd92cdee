"""Stopping rules played over pools, against brute force over every order."""

from itertools import permutations

import numpy as np
import pytest

from experiments.statistics.adaptive_pools import play_score, play_vote
from experiments.statistics.settled_vote import beta_risk, is_decided
from tests.statistics.pools import pool

RISKS = (0.3, 0.13, 0.01)


ALL_ORDERS = np.array(list(permutations(range(6))))


def voted(answers, limit):
    """(accuracy, samples drawn) of one order; answer 0 is right."""
    for n in range(1, len(answers) + 1):
        votes = [answers[:n].count(each) for each in sorted({*answers[:n]} - {-1})]
        if n == len(answers) or beta_risk(votes) <= limit or is_decided(votes, len(answers) - n):
            leaders = [each for each in {*answers[:n]} - {-1} if answers[:n].count(each) == max(votes)]
            return leaders.count(0) / max(len(leaders), 1), n


@pytest.mark.parametrize("answers", [[0, 0, 0, 1, 1, 2], [0, 0, 1, 1, -1, -1], [1, 1, 1, 1, 1, 0], [-1, -1, -1, -1, -1, 0]])
def test_a_vote_is_stopped_where_brute_force_stops_it(answers):
    found = play_vote(pool(answers), RISKS, ALL_ORDERS)
    for place, limit in enumerate(RISKS):
        right, drawn = np.mean([voted(list(order), limit) for order in permutations(answers)], axis=0)
        assert (found.accuracy[place], found.drawn[place]) == (pytest.approx(right), pytest.approx(drawn))


def scored(samples, threshold):
    for n in range(1, len(samples) + 1):
        best = max(score for _, score in samples[:n])
        if n == len(samples) or best >= threshold:
            return np.mean([answer == 0 for answer, score in samples[:n] if score == best]), n


def test_drawing_is_stopped_at_the_first_good_score_as_brute_force_does():
    answers, scores = [0, 1, 0, 1, 1, 0], [0.9, 0.9, 0.2, 0.5, np.nan, 0.5]
    found = play_score(pool(answers, s=scores), "s", (0.0, 0.5, 0.9, 2.0), ALL_ORDERS)
    samples = list(zip(answers, np.nan_to_num(scores, nan=-np.inf), strict=True))
    for place, threshold in enumerate((0.0, 0.5, 0.9, 2.0)):
        right, drawn = np.mean([scored(list(order), threshold) for order in permutations(samples)], axis=0)
        assert (found.accuracy[place], found.drawn[place]) == (pytest.approx(right), pytest.approx(drawn))


def test_samples_without_any_answer_are_all_drawn_and_nothing_is_right():
    found = play_vote(pool([-1] * 8), (0.05,), np.arange(8)[None])
    assert (found.accuracy.tolist(), found.drawn.tolist()) == ([0], [8])
