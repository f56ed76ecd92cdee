"""The risk that a vote's leader is not the model's first choice."""

import numpy as np
import pytest

from experiments.statistics.settled_vote import RISKS, beta_risk, dirichlet_risk, fewest_to_settle, is_decided


def test_the_risk_of_a_unanimous_vote_halves_with_each_vote():
    # P(Beta(n + 1, 1) < 1/2) = 1 / 2^(n + 1)
    assert [beta_risk([n]) for n in range(5)] == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32])
    assert beta_risk([]) == 0.5


def test_the_beta_risk_of_two_to_one_by_hand():
    # Beta(3, 2) has the distribution 4 x^3 - 3 x^4: at 1/2 it is 5/16.
    assert beta_risk([1, 2]) == pytest.approx(5 / 16)
    assert beta_risk([4, 4]) == pytest.approx(0.5)


def test_the_dirichlet_risk_equals_the_beta_risk_where_only_one_answer_was_given():
    for n in range(0, 30, 3):
        assert dirichlet_risk([n]) == pytest.approx(beta_risk([n]), abs=1e-6)


def test_the_dirichlet_risk_agrees_with_draws_from_the_posterior():
    counts = [7, 4, 2]
    draws = np.random.default_rng(3).dirichlet([*(count + 1 for count in counts), 1], size=400_000)
    simulated = (draws.argmax(axis=1) != 0).mean()
    assert dirichlet_risk(counts) == pytest.approx(simulated, abs=0.003)  # four standard errors
    assert dirichlet_risk(counts) > beta_risk(counts)


def test_a_vote_is_decided_when_the_rest_cannot_overturn_it():
    assert is_decided([5, 2], 2)
    assert not is_decided([5, 2], 3)
    assert not is_decided([], 0)


@pytest.mark.parametrize("name", RISKS)
def test_the_fewest_votes_that_settle_are_found_by_trying(name):
    risk = RISKS[name]
    for counts in ([], [1], [3, 3], [5, 2, 1], [2, 2, 2]):
        for n_left in (1, 4, 20):
            more = fewest_to_settle(counts, n_left, risk, 0.05)
            first, *others = sorted(counts, reverse=True) or [0]
            settles = [
                risk([first + m, *others]) <= 0.05 or is_decided([first + m, *others], n_left - m) for m in range(1, more + 1)
            ]
            assert not any(settles[:-1])
            assert settles[-1] or more == n_left


def test_a_unanimous_beginning_needs_four_votes_at_five_percent():
    assert fewest_to_settle([], 16, beta_risk, 0.05) == 4
