import numpy as np
import pytest

from experiments.statistics.variance_parts import variance_parts


def test_the_parts_add_up_to_the_variance_of_the_mean():
    """300 experiments of 50 problems with 4 samples: the parts, on average, against how the mean really spreads."""
    rng = np.random.default_rng(1)
    means, parts = [], []
    for _ in range(300):
        p = rng.beta(1, 1, 50)
        verdicts = [rng.random(4) < each for each in p]
        means.append(np.mean([each.mean() for each in verdicts]))
        parts.append(variance_parts(verdicts))
    total = np.mean([each.items**2 + each.draws**2 for each in parts])
    assert total == pytest.approx(np.var(means), rel=0.25)
    # Var(p) = 1/12 and E[p(1-p)] = 1/6 for a uniform p.
    assert np.mean([each.items**2 for each in parts]) == pytest.approx(1 / 12 / 50, rel=0.05)
    assert np.mean([each.draws**2 for each in parts]) == pytest.approx(1 / 6 / 4 / 50, rel=0.05)
    assert np.mean([each.flips for each in parts]) == pytest.approx(1 / 3, rel=0.05)


def test_verdicts_that_never_change_owe_nothing_to_the_draw():
    parts = variance_parts([np.ones(4), np.zeros(4), np.ones(4)])
    assert (parts.draws, parts.flips) == (0.0, 0.0)
    assert parts.items == pytest.approx(np.std([1, 0, 1], ddof=1) / np.sqrt(3))


def test_single_samples_tell_nothing_of_the_draw():
    assert variance_parts([np.ones(1)] * 5) is None
