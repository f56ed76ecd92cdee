"""The average marginal effect, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from experiments.statistics.logit import average_marginal_effect


def samples(rng, n_problems=50, n=8):
    groups = np.repeat(np.arange(n_problems), n)
    difficulty = np.repeat(rng.normal(size=n_problems), n)
    length = rng.normal(2 + difficulty, 1)
    right = (rng.random(len(groups)) < 1 / (1 + np.exp(difficulty + 0.3 * length))).astype(float)
    return length, difficulty, right, groups


def test_the_effect_and_its_interval_are_those_of_statsmodels():
    length, difficulty, right, groups = samples(np.random.default_rng(2))
    x = np.column_stack([length, difficulty])
    found = average_marginal_effect(x, right, groups)
    options = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
    fitted = sm.Logit(right, np.column_stack([x, np.ones(len(x))])).fit(disp=0, **options).get_margeff()
    assert found.value == pytest.approx(fitted.margeff[0], rel=1e-6)
    error = (found.high - found.low) / (2 * 1.959964)
    assert error == pytest.approx(fitted.margeff_se[0] * np.sqrt(50 / 49), rel=1e-5)
    assert found.n == 50


def test_difficulty_that_draws_long_answers_looks_like_an_effect_of_length_until_it_is_held_constant():
    length, difficulty, right, groups = samples(np.random.default_rng(3), n_problems=300)
    raw = average_marginal_effect(length[:, None], right, groups)
    held = average_marginal_effect(np.column_stack([length, difficulty]), right, groups)
    assert raw.high < held.low < 0


@pytest.mark.parametrize(
    ("x", "right"),
    [
        ([[1.0], [2.0], [3.0], [4.0]], [0.0, 0.0, 1.0, 1.0]),  # told perfectly
        ([[1.0], [1.0], [1.0], [1.0]], [0.0, 1.0, 0.0, 1.0]),  # the constant once more
        ([[1.0], [2.0], [3.0], [4.0]], [1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_where_nothing_can_be_fitted_there_is_no_estimate(x, right):
    assert average_marginal_effect(np.array(x), np.array(right), np.arange(4)).value is None
