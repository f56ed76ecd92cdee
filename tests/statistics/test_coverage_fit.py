import numpy as np
import pytest
from scipy.optimize import curve_fit

from experiments.statistics.coverage_fit import CoverageFit, NoFit, fit_coverage, resampled_laws, samples_for
from experiments.statistics.intervals import bootstrap_means
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


def test_samples_for_takes_many_laws_and_is_infinite_where_one_is_too_flat():
    assert samples_for(0.5, [-2, -2], [-0.3, -1e-6]).tolist() == [pytest.approx((np.log(2) / 2) ** (-1 / 0.3)), np.inf]


def test_resampled_laws_surround_the_fit_and_narrow_with_more_problems():
    rng = np.random.default_rng(6)

    def width(n_problems):
        curves = pass_at_k(32, rng.binomial(32, rng.beta(0.3, 1, n_problems)), KS)
        fit = fit_coverage(KS, curves.mean(axis=0))
        a, b = resampled_laws(KS, curves, rng)
        assert np.percentile(a, 2.5) < fit.a < np.percentile(a, 97.5)
        assert np.percentile(b, 2.5) < fit.b < np.percentile(b, 97.5)
        return b.std()

    assert width(1000) < width(60) / 2


def test_every_resample_is_fitted_as_if_it_were_alone():
    curves = pass_at_k(32, np.random.default_rng(2).binomial(32, 0.2, 50), KS)
    a, b = resampled_laws(KS, curves, np.random.default_rng(4), resamples=20)
    for i, coverage in enumerate(bootstrap_means(curves, np.random.default_rng(4), 20)):
        alone = fit_coverage(KS, coverage)
        assert (a[i], b[i]) == pytest.approx((alone.a, alone.b), rel=1e-6)


@pytest.mark.parametrize("n_correct", [[1, 0, 0, 0], [5]])
def test_problems_too_few_or_hardly_ever_solved_have_no_resampled_laws(n_correct):
    assert resampled_laws(KS, pass_at_k(32, n_correct, KS), np.random.default_rng(0)) is None
