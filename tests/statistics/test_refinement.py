"""Loops of refinement, by hand: o is a wrong answer, x a right one."""

import numpy as np
import pytest

from experiments.statistics.intervals import middle
from experiments.statistics.refinement import over_budget, rate, refinement, slopes


def chain(verdicts: str) -> list[bool]:
    return [each == "x" for each in verdicts]


def measured(**problems):
    chains = {problem: [chain(each) for each in verdicts.split()] for problem, verdicts in problems.items()}
    return refinement(chains, np.random.default_rng(0))


def test_corrections_and_overcorrections_are_counted_over_all_steps():
    # Wrong and followed: a 2, b 1, c 2. Repaired: a 1, c 1. Right and followed: a 0, b 1, c 1. Spoilt: b 1.
    found = measured(a="oox", b="xoo", c="ox ox x", d="o")
    assert (found.n_wrong, found.n_right) == (2 + 1 + 2, 1)
    assert found.correction.value == pytest.approx(3 / 5)
    assert found.correction.n == 3
    assert found.overcorrection.value == pytest.approx(1 / 1)
    assert (found.overcorrection.n, found.overcorrection.low) == (1, None)


def test_rates_by_round():
    found = measured(a="oox", b="xoo", c="ox")
    assert [each.value for each in found.corrections] == [pytest.approx(1 / 2), pytest.approx(1 / 2)]
    assert [each.value for each in found.overcorrections] == [pytest.approx(1), None]
    assert [each.n for each in found.overcorrections] == [1, 0]


def test_an_answer_stands_when_its_chain_has_ended():
    found = measured(a="oox", b="x", c="xo")
    assert found.by_round.mean.tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 3])
    assert found.solved.mean.tolist() == pytest.approx([2 / 3, 2 / 3, 1])


def test_the_slope_of_a_repair_in_the_last_of_three_rounds_is_a_half():
    # Rounds -1, 0, 1 against 0, 0, 1: sum of products 1 over sum of squares 2.
    assert measured(a="oox").slope.value == pytest.approx(0.5)
    assert measured(a="oox", b="xoo").slope.value == pytest.approx(0)
    assert measured(a="o", b="x").slope.value is None
    rng = np.random.default_rng(5)
    standing = rng.random((4, 6))
    assert slopes(standing) == pytest.approx(np.polyfit(np.arange(6), standing.T, 1)[0])


def test_best_average_and_worst_take_all_answers_of_a_problem():
    found = measured(a="ox oo", b="xx")
    assert [found.best.value, found.average.value, found.worst.value] == pytest.approx([1, (0.25 + 1) / 2, 0.5])


def test_an_oracle_that_stops_at_right_answers_leaves_nothing_to_overcorrect():
    found = measured(a="oox", b="x", c="ooo")
    assert (found.overcorrection.value, found.overcorrection.n, found.n_right) == (None, 0, 0)


def test_rates_are_ratios_of_sums_with_intervals_over_problems():
    events, chances = np.array([3, 0, 1, 2, 0]), np.array([3, 5, 1, 4, 0])
    found = rate(events, chances, np.random.default_rng(1))
    assert (found.value, found.n) == (pytest.approx(6 / 13), 4)
    rng = np.random.default_rng(2)
    drawn = rng.integers(4, size=(20_000, 4))
    ratios = events[drawn].sum(axis=1) / chances[drawn].sum(axis=1)
    assert [found.low, found.high] == pytest.approx(np.percentile(ratios, middle(4)), abs=0.06)


def test_where_nothing_or_everything_happened_the_interval_has_a_width_all_the_same():
    # Wilson's for 0 of 5 ends at z^2 / (5 + z^2) with z = 1.96.
    nothing = rate(np.zeros(5), np.array([3, 1, 1, 2, 4]), np.random.default_rng(1))
    assert (nothing.value, nothing.low, nothing.n) == (0, 0, 5)
    assert nothing.high == pytest.approx(1.959964**2 / (5 + 1.959964**2), abs=1e-6)
    everything = rate(np.array([3, 1]), np.array([3, 1]), np.random.default_rng(1))
    assert (everything.value, everything.high) == (1, 1)
    assert everything.low < 0.5


def test_intervals_cover_the_true_rate_as_often_as_they_promise():
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(300):
        chances = rng.integers(1, 6, size=60)
        found = rate(rng.binomial(chances, 0.3), chances, rng)
        covered += found.low <= 0.3 <= found.high
    assert covered / 300 == pytest.approx(0.95, abs=0.04)


def test_what_was_spent_over_the_budget():
    share, ratio = over_budget(np.array([0.5, 1, 1.5, 3]), np.random.default_rng(0))
    assert (share.value, share.n) == (0.5, 4)
    assert ratio.value == pytest.approx(1.5)
