import numpy as np
import pytest

from experiments.statistics.cost_to_target import cost_to_target, first_reach
from experiments.statistics.plateau import find_plateau

KS = (1, 2, 4, 8)


def curves(rng, levels, n=200, noise=0.02):
    return np.array(levels) + rng.normal(0, noise, (n, 1)) + rng.normal(0, noise, (n, len(levels)))


def test_the_plateau_starts_where_the_rest_of_the_gain_is_unclear():
    rng = np.random.default_rng(1)
    found = find_plateau(KS, curves(rng, [0.2, 0.3, 0.4, 0.4]), rng)
    assert found.k == 4
    assert found.gains.mean[0] == pytest.approx(0.2, abs=0.01)
    assert found.gains.mean[-1] == 0


def test_a_curve_that_still_rises_has_its_plateau_at_the_end_and_one_problem_has_none():
    rng = np.random.default_rng(2)
    assert find_plateau(KS, curves(rng, [0.2, 0.3, 0.4, 0.5]), rng).k == 8
    assert find_plateau(KS, np.array([[0.2, 0.3, 0.4, 0.5]]), rng).k is None


def test_a_target_is_reached_on_the_line_between_two_points():
    rows = np.array([[0.2, 0.3, 0.5, 0.6], [0.5, 0.6, 0.6, 0.6], [0.1, 0.1, 0.1, 0.1]])
    assert first_reach(KS, rows, 0.4).tolist() == [3, 1, np.inf]


def test_the_cost_is_the_samples_times_their_tokens_with_paired_resamples():
    rng = np.random.default_rng(3)
    tokens = np.full(300, 10.0)
    slow, fast = curves(rng, [0.2, 0.3, 0.4, 0.5], 300, 0.05), curves(rng, [0.2, 0.4, 0.5, 0.6], 300, 0.05)
    found, resampled = cost_to_target(KS, {"slow": slow, "fast": fast}, tokens, 0.4, rng)
    assert found["slow"].samples.value == pytest.approx(4, abs=0.3)
    assert found["fast"].tokens.value == pytest.approx(20, abs=2)
    assert found["slow"].tokens.low < found["slow"].tokens.value < found["slow"].tokens.high
    assert resampled.shape == (2, 1000)
    assert (resampled[1] < resampled[0]).mean() > 0.99


def test_a_target_out_of_reach_has_no_cost_and_one_hardly_reached_no_upper_end():
    rng = np.random.default_rng(4)
    noisy = rng.normal([0.2, 0.3, 0.35, 0.4], 0.5, (60, 4))
    noisy += np.array([0.2, 0.3, 0.35, 0.4]) - noisy.mean(axis=0)
    found, _ = cost_to_target(KS, {"hardly": noisy}, np.ones(60), 0.399, rng)
    assert found["hardly"].samples.value is not None
    assert found["hardly"].samples.high is None
    never, _ = cost_to_target(KS, {"never": noisy}, np.ones(60), 0.9, rng)
    assert never["never"].tokens.value is None
