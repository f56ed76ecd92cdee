"""The search for the best and the worst format."""

import numpy as np
import pytest

from experiments.statistics.search_simulation import budgets_needed, found_by_thompson, found_uniformly, simulated_answers
from experiments.statistics.thompson import Found, Pull, Search, Tally, next_pull, prior_a, pulls, simulate


@pytest.mark.parametrize(("rate", "a"), [(0.62, 8.158), (0.10, 1.1), (0.90, 45)])
def test_the_prior_has_the_originals_rate_as_its_mean(rate, a):
    assert prior_a(rate, 1000) == pytest.approx(a, abs=5e-4)


def test_an_original_that_gets_everything_right_leaves_a_finite_prior():
    # 1 - 1/(2 * 50) = 0.99, and 5 * 0.99 / 0.01 = 495.
    assert prior_a(1.0, 50) == pytest.approx(495)


def test_finished_arms_are_not_pulled_in_either_direction():
    tally = Tally(np.array([10.0, 3.0, 0.0]), np.array([10, 5, 10]))
    rng = np.random.default_rng(0)
    assert {next_pull(tally, 5.0, 10, upwards, rng) for upwards in (True, False) for _ in range(20)} == {1}
    assert next_pull(Tally(np.zeros(2), np.array([10, 10])), 5.0, 10, True, rng) is None


def record(search: Search, right: np.ndarray, seed: int = 0) -> tuple[list[list[Pull]], Found]:
    """All rounds that the policy asks for."""
    found, rounds = Found(), []
    policy = pulls(search, np.random.default_rng(seed), found)
    wanted = next(policy)
    try:
        while True:
            rounds.append(wanted)
            wanted = policy.send([right[each.arm, each.start : each.stop] for each in wanted])
    except StopIteration:
        return rounds, found


def test_the_original_comes_first_and_the_extremes_are_finished_last():
    right = simulated_answers(6, 40, np.random.default_rng(1))
    rounds, found = record(Search(6, n_items=30, n_further=10, pull=5, budget=60), right)
    assert rounds[0] == [Pull(0, 0, 40)]
    charged = rounds[1:-1]
    assert len(charged) == 12, "60 evaluations of which 30 go up and 30 down, 5 at a time"
    assert all(len(each) == 1 and each[0].stop - each[0].start == 5 and each[0].stop <= 30 for each in charged)
    assert {each.arm for each in rounds[-1]} == {found.best, found.worst} - {0}
    assert all(each.stop == 40 for each in rounds[-1])
    assert [step.evaluations for step in found.trace] == list(range(5, 61, 5))


def test_nothing_is_asked_twice_and_every_arm_goes_through_the_items_in_their_order():
    right = simulated_answers(5, 33, np.random.default_rng(2))
    rounds, _ = record(Search(5, n_items=23, n_further=10, pull=5, budget=100, at_once=4), right)
    reached = dict.fromkeys(range(5), 0)
    for pull in (pull for each in rounds for pull in each):
        assert pull.start == reached[pull.arm] < pull.stop
        reached[pull.arm] = pull.stop


def test_the_same_results_and_seed_lead_to_the_same_pulls():
    right = simulated_answers(8, 50, np.random.default_rng(3))
    search = Search(8, 50, pull=5, budget=150, at_once=3)
    assert record(search, right, seed=4)[0] == record(search, right, seed=4)[0]
    assert record(search, right, seed=4)[0] != record(search, right, seed=5)[0]


def test_what_failed_counts_as_asked_and_not_as_right():
    right = np.full((2, 10), np.nan)
    _, found = record(Search(2, 10, pull=5, budget=40), right)
    assert found.tally.asked.tolist() == [10, 10]
    assert found.tally.right.tolist() == [0, 0]


def test_with_budget_for_everything_it_finds_the_true_extremes():
    right = simulated_answers(10, 60, np.random.default_rng(4))
    found = simulate(Search(10, 60, pull=5, budget=2000), lambda each: right[each.arm, each.start : each.stop], _rng())
    assert right[found.best].mean() - right[found.worst].mean() == pytest.approx(np.ptp(right.mean(axis=1)))


def test_it_finds_the_spread_within_a_point_more_cheaply_than_asking_evenly():
    thompson, uniform = budgets_needed(40, 200, pull=5, at_once=8, tasks=16, rng=_rng())
    assert uniform / thompson >= 1.25


def test_both_ways_find_the_whole_spread_when_they_may_ask_everything():
    right = simulated_answers(12, 40, np.random.default_rng(5))
    whole = pytest.approx(np.ptp(right.mean(axis=1)))
    assert found_uniformly(right, 12 * 40) == whole
    assert found_by_thompson(right, 2 * 12 * 40, 5, 1, _rng()) == whole


def _rng() -> np.random.Generator:
    return np.random.default_rng(9)
