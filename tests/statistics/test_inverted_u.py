"""The quadratic and the two lines, against statsmodels, numbers worked by hand, and flat and curved data by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.statistics.inverted_u import quadratic, two_lines

LEVELS = np.repeat(np.arange(1.0, 11.0), 5)


def noisy(shape, seed: int, sd: float = 0.05) -> np.ndarray:
    return shape + np.random.default_rng(seed).normal(0, sd, len(LEVELS))


def test_the_quadratic_is_that_of_statsmodels_with_hc3():
    y = noisy(0.5 - 0.01 * (LEVELS - 6) ** 2, 1)
    fit = sm.OLS(y, np.column_stack([np.ones(50), LEVELS, LEVELS**2])).fit(cov_type="HC3", use_t=True)
    found = quadratic(LEVELS, y)
    assert found.coefficients == pytest.approx(fit.params, rel=1e-9)
    assert (found.curvature.low, found.curvature.high) == pytest.approx(tuple(fit.conf_int()[2]), rel=1e-9)
    delta = np.array([0, -1 / (2 * fit.params[2]), fit.params[1] / (2 * fit.params[2] ** 2)])
    error = np.sqrt(delta @ fit.cov_params() @ delta)
    half = found.vertex.high - found.vertex.value
    assert half / error == pytest.approx(2.0117, abs=1e-4)  # Student's t at 47 degrees of freedom


def test_the_two_lines_are_those_of_statsmodels():
    y = noisy(0.02 * LEVELS, 2)
    first = LEVELS <= 4.3
    design = np.column_stack([np.ones(50), np.where(first, LEVELS - 4.3, 0), np.where(first, 0, LEVELS - 4.3), ~first])
    fit = sm.OLS(y, design.astype(float)).fit(cov_type="HC3", use_t=True)
    found = two_lines(LEVELS, y, 4.3)
    assert (found.before.value, found.after.value) == pytest.approx(tuple(fit.params[1:3]), rel=1e-9)
    assert (found.p_before, found.p_after) == pytest.approx(tuple(fit.pvalues[1:3]), rel=1e-9)


def test_a_parabola_has_its_vertex_where_it_is():
    x = np.arange(1.0, 11.0)
    found = quadratic(x, 2 + 12 * x - x**2)
    assert found.coefficients == pytest.approx((2, 12, -1))
    assert found.vertex.value == pytest.approx(6)
    assert found.at(np.array([0.0, 6.0])) == pytest.approx([2, 38])


def test_too_few_places_have_no_fit():
    assert quadratic(np.array([1.0, 1, 2, 2, 3, 3]), np.zeros(6)) is None
    assert two_lines(LEVELS, np.zeros(50), 1.5) is None
    assert two_lines(LEVELS, np.zeros(50), 12) is None


def claims(shape: np.ndarray, repeats: int, sd: float) -> float:
    """How often an inverted U is claimed, the split taken at the vertex of the quadratic."""
    claimed = 0
    for seed in range(repeats):
        y = noisy(shape, seed, sd)
        fit = quadratic(LEVELS, y)
        found = two_lines(LEVELS, y, fit.vertex.value)
        claimed += bool(found and found.is_inverted_u())
    return claimed / repeats


def test_flat_and_straight_data_are_rarely_called_an_inverted_u():
    assert claims(np.full(50, 0.5), 1000, 0.05) <= 0.05
    assert claims(0.5 + 0.02 * LEVELS, 500, 0.05) <= 0.05


def test_a_rise_that_levels_off_bends_the_quadratic_and_is_no_inverted_u():
    levelling = np.log(LEVELS)
    bent = [quadratic(LEVELS, noisy(levelling, seed, 0.2)).curvature.high < 0 for seed in range(200)]
    assert np.mean(bent) > 0.9
    assert claims(levelling, 200, 0.2) <= 0.05


def test_a_clear_inverted_u_is_found():
    assert claims(0.6 - 0.01 * (LEVELS - 5.5) ** 2, 200, 0.03) > 0.95
