"""Resampling against a weak verifier (handbook M5): exact chances, the two-type model, and simulated verifiers."""

from itertools import combinations, permutations, product

import numpy as np
import pytest

from experiments.statistics.imperfect_verifier import TwoTypes, best_number_of_tries, first_acceptance, soundness
from experiments.statistics.pass_at_k import pass_at_k
from experiments.statistics.simulated_verifier import best_by_simulated, simulated_curve

HANDBOOK = TwoTypes(rates=(0.87, 0.13), shares=(0.58, 0.42), soundness=0.75, completeness=1.0)


def test_the_first_acceptance_equals_every_order_walked_through():
    weak = np.array([True, False, True, False, True])
    strong = np.array([True, True, False, False, False])
    ks = (1, 2, 3, 5)
    right, wrong = np.zeros(len(ks)), np.zeros(len(ks))
    orders = list(permutations(range(5)))
    for order in orders:
        at = next(i for i, sample in enumerate(order) if weak[sample])
        for j, k in enumerate(ks):
            right[j] += (at < k) * strong[order[at]] / len(orders)
            wrong[j] += (at < k) * (not strong[order[at]]) / len(orders)
    found = first_acceptance(np.array([5]), np.array([3]), np.array([1]), ks)
    assert found.right[0] == pytest.approx(right)
    assert found.wrong[0] == pytest.approx(wrong)
    assert found.utility(2)[0] == pytest.approx(right - 2 * wrong)


def test_without_any_acceptance_nothing_is_handed_in():
    found = first_acceptance(np.array([4]), np.array([0]), np.array([0]), (1, 4))
    assert found.right.tolist() == found.wrong.tolist() == [[0, 0]]


def test_a_perfect_verifier_reaches_the_oracle():
    found = first_acceptance(np.array([10, 10]), np.array([3, 0]), np.array([3, 0]), (1, 2, 5))
    assert found.right == pytest.approx(pass_at_k(10, [3, 0], (1, 2, 5)))
    assert not found.wrong.any()


def test_where_trying_never_pays_the_best_number_of_tries_is_none():
    ks = (1, 2, 4)
    assert best_number_of_tries(ks, np.array([[0.1, 0.3, 0.2], [0.1, 0.2, 0.1]])) == (2, pytest.approx(0.25))
    assert best_number_of_tries(ks, np.array([[-0.1, -0.2, -0.3]])) == (0, 0.0)


def test_the_two_type_models_ceilings_and_best_tries_are_the_handbooks():
    assert HANDBOOK.reject == pytest.approx([0.0975, 0.6525])
    assert HANDBOOK.ceilings == pytest.approx([0.9640, 0.3741], abs=5e-5)
    assert HANDBOOK.ceiling == pytest.approx(0.7162, abs=5e-5)
    for value_wrong, best, utility in ((-0.7, 3, 0.5246), (-1, 2, 0.4724), (-2, 1, 0.3388)):
        exact = [HANDBOOK.utility(k, 1, value_wrong) for k in range(1, 30)]
        assert int(np.argmax(exact)) + 1 == best
        assert max(exact) == pytest.approx(utility, abs=5e-5)


def test_endless_tries_approach_the_ceiling():
    assert HANDBOOK.utility(2000, 1, 0) == pytest.approx(HANDBOOK.ceiling, abs=1e-9)


def test_soundness_comes_back_from_the_rates_it_makes():
    right, sound, complete = 0.3, 0.8, 0.9
    p_weak = right * complete + (1 - right) * (1 - sound)
    assert soundness(p_weak, right, right * complete / p_weak) == pytest.approx(sound)
    assert soundness(1.0, 1.0, 1.0) is None


def test_a_simulated_verifier_equals_every_verdict_and_subset_counted():
    n, n_correct, k, false_positive, false_negative = 5, 2, 3, 0.3, 0.2
    correct = np.arange(n) < n_correct
    total, subsets = 0.0, list(combinations(range(n), k))
    for subset in subsets:
        for verdicts in product([True, False], repeat=k):
            chance = 1.0
            for sample, accepted in zip(subset, verdicts, strict=True):
                accept = 1 - false_negative if correct[sample] else false_positive
                chance *= accept if accepted else 1 - accept
            chosen = [sample for sample, accepted in zip(subset, verdicts, strict=True) if accepted] or list(subset)
            total += chance * correct[chosen].mean() / len(subsets)
    assert best_by_simulated(n, n_correct, k, false_positive, false_negative) == pytest.approx(total)


def test_the_simulated_verifier_runs_from_the_oracle_to_no_selection():
    counts = np.array([0, 2, 7, 2])
    perfect, blind = simulated_curve(10, counts, 4, np.array([0.0]), 0.0), simulated_curve(10, counts, 4, np.array([1.0]), 0.0)
    assert perfect == pytest.approx(pass_at_k(10, counts, (4,)))
    assert blind.ravel() == pytest.approx(counts / 10)
    falling = simulated_curve(10, counts, 4, np.linspace(0, 1, 6), 0.1).mean(axis=0)
    assert (np.diff(falling) < 0).all()
