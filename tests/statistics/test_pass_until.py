import numpy as np
import pytest

from experiments.statistics.pass_until import pass_until, sensitive_scale


def passing_at(*draws, n=200):
    outcomes = np.zeros(n, dtype=bool)
    outcomes[[draw - 1 for draw in draws]] = True
    return outcomes


def test_the_handbooks_values():
    found = pass_until([passing_at(20, 50, 70, 90, 120)], r=5)
    assert found.draws.tolist() == [120]
    assert found.rates == pytest.approx([0.041667], abs=5e-7)
    assert found.unbiased == pytest.approx([0.033613], abs=5e-7)
    assert pass_until([passing_at(20)], r=1).rates.tolist() == [0.05]


def test_too_few_passes_are_censored_with_a_bound_where_there_is_none():
    found = pass_until([passing_at(7, n=10), passing_at(n=10)], r=2)
    assert found.censored.tolist() == [True, True]
    assert found.rates.tolist() == [0.1, 0]
    assert np.isnan(found.upper[0])
    assert found.upper[1] == pytest.approx(1 - 0.05**0.1)
    assert (1 - found.upper[1]) ** 10 == pytest.approx(0.05)


def test_the_unbiased_rate_is_unbiased_and_the_likeliest_is_not():
    rng = np.random.default_rng(3)
    found = pass_until(list(rng.random((20_000, 400)) < 0.1), r=3)
    assert not found.censored.any()
    assert found.unbiased.mean() == pytest.approx(0.1, abs=0.002)
    assert found.rates.mean() > 0.12


def test_the_sensitive_scale_needs_a_score_strictly_between_nothing_and_all():
    assert sensitive_scale(np.exp(-np.e)) == pytest.approx(1)
    assert sensitive_scale(0) is None
    assert sensitive_scale(1) is None
