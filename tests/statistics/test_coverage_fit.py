import numpy as np
import pytest
from scipy.optimize import curve_fit

from experiments.statistics.coverage_fit import CoverageFit, NoFit, fit_coverage, fit_intervals
from experiments.statistics.pass_at_k import pass_at_k

KS = (1, 2, 4, 8, 16, 32)


def law(ks, a=-2.0, b=-0.3):
    return np.exp(a * np.array(ks, dtype=float) ** b)


def test_the_law_has_the_handbooks_values():
    fit = CoverageFit(-2, -0.3, (), (), 1, 0)
    assert fit.coverage([1, 10, 100, 1000]) == pytest.approx([0.1353, 0.3670, 0.6051, 0.7774], abs=5e-5)


def test_points_on_the_law_give_back_its_parameters():
    fit = fit_coverage(KS, law(KS))
    assert (fit.a, fit.b) == pytest.approx((-2, -0.3), rel=1e-9)
    assert fit.r_squared == pytest.approx(1)
    assert fit.rmse == pytest.approx(0, abs=1e-12)


def test_noisy_points_give_the_least_squares_of_an_independent_optimiser():
    rng = np.random.default_rng(3)
    for _ in range(20):
        coverage = law(KS, rng.uniform(-3, -0.5), rng.uniform(-0.8, -0.1)) * rng.uniform(0.9, 1, len(KS))
        expected, _ = curve_fit(lambda k, a, b: a * k**b, np.array(KS, float), np.log(coverage), p0=(-1, -0.3))
        fit = fit_coverage(KS, coverage)
        assert (fit.a, fit.b) == pytest.approx(tuple(expected), rel=1e-4)
        residuals = np.log(coverage) - np.log(fit.coverage(KS))
        assert fit.residuals == pytest.approx(residuals)
        assert fit.r_squared == pytest.approx(1 - residuals.var() / np.log(coverage).var(), abs=1e-3)


def test_the_cost_of_a_target_inverts_the_law():
    fit = fit_coverage(KS, law(KS))
    assert fit.samples_for(0.7774) == pytest.approx(1000, rel=0.002)
    assert fit.coverage([fit.samples_for(0.5)]) == pytest.approx([0.5])


def test_a_point_without_coverage_is_left_out():
    fit = fit_coverage(KS, np.array([0, *law(KS)[1:]]))
    assert fit.ks == KS[1:]
    assert (fit.a, fit.b) == pytest.approx((-2, -0.3), rel=1e-6)


@pytest.mark.parametrize(
    ("ks", "coverage", "reason"),
    [
        (KS, [0] * 6, "no problem was solved"),
        (KS, [1] * 6, "every problem was solved"),
        (KS, [0.4] * 6, "does not change"),
        ((1, 2, 4), [0.2, 0.3, 0.4], "4 values of k or more, and there are 3"),
        (KS, [0, 0, 0, 0.1, 0.2, 0.3], "there are 3"),
    ],
)
def test_what_cannot_be_fitted_says_why(ks, coverage, reason):
    refused = fit_coverage(ks, np.array(coverage, dtype=float))
    assert isinstance(refused, NoFit)
    assert reason in refused.reason


def test_the_parameters_intervals_hold_the_estimate_and_shrink_with_more_problems():
    rng = np.random.default_rng(6)

    def width(n_problems):
        curves = pass_at_k(32, rng.binomial(32, rng.beta(0.3, 1, n_problems)), KS)
        fit = fit_coverage(KS, curves.mean(axis=0))
        a, b = fit_intervals(KS, curves, fit, rng)
        assert a.low < fit.a < a.high
        assert b.low < fit.b < b.high
        return b.high - b.low

    assert width(1000) < width(60) / 2


def test_parameters_of_few_solved_problems_have_no_interval():
    curves = pass_at_k(32, [1, 0, 0, 0], KS)
    a, b = fit_intervals(KS, curves, fit_coverage(KS, curves.mean(axis=0)), np.random.default_rng(0))
    assert (a.low, a.high, b.low, b.high) == (None,) * 4
    assert b.value is not None
