"""The effect of length within problems, against statsmodels and against a confounded simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.discrete.conditional_models import ConditionalLogit

from experiments.statistics.length_effect import conditional_logit, right_minus_wrong, sign_test, within_problem_slope

pytestmark = pytest.mark.filterwarnings(
    "ignore:Dropped .* groups"
)  # statsmodels on problems without right or without wrong samples


def samples(rng, n_problems=40, n=12, effect=-0.02):
    """Harder problems draw longer answers; within a problem length acts by `effect` per token on the log-odds."""
    lengths, correct = [], []
    for _ in range(n_problems):
        difficulty = rng.normal()
        x = rng.normal(60 + 25 * difficulty, 15, n).round()
        p = 1 / (1 + np.exp(-(-1.5 * difficulty + effect * (x - x.mean()))))
        lengths.append(x)
        correct.append((rng.random(n) < p).astype(float))
    return lengths, correct


def test_the_within_problem_slope_is_statsmodels_with_dummies_and_clusters():
    lengths, correct = samples(np.random.default_rng(1))
    found = within_problem_slope(lengths, correct)
    groups = np.repeat(np.arange(40), 12)
    x = np.concatenate([each - each.mean() for each in lengths])
    z = np.concatenate([each - each.mean() for each in correct])
    fitted = sm.OLS(z, x).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    assert found.value == pytest.approx(fitted.params[0])
    error = (found.high - found.low) / (2 * 1.959964)
    assert error == pytest.approx(fitted.bse[0] * np.sqrt(40 / 39), rel=1e-6)
    assert found.n == 40


def test_conditional_logit_is_statsmodels():
    lengths, correct = samples(np.random.default_rng(2))
    found = conditional_logit(lengths, correct)
    groups = np.repeat(np.arange(40), 12)
    fitted = ConditionalLogit(np.concatenate(correct), np.concatenate(lengths)[:, None], groups=groups).fit(disp=0)
    assert found.value == pytest.approx(fitted.params[0], rel=1e-6)
    # The model is true here, so clustered and model-based errors agree up to chance.
    error = (found.high - found.low) / (2 * 1.959964)
    assert error == pytest.approx(fitted.bse[0], rel=0.35)


def test_the_confounded_slope_is_not_what_is_reported():
    lengths, correct = samples(np.random.default_rng(3), n_problems=400, effect=0.02)
    raw = np.polyfit(np.concatenate(lengths), np.concatenate(correct), 1)[0]
    within, log_odds = within_problem_slope(lengths, correct), conditional_logit(lengths, correct)
    assert raw < 0 < within.low
    assert log_odds.low < 0.02 < log_odds.high


def test_problems_of_different_sizes_are_taken_together():
    lengths, correct = samples(np.random.default_rng(4), n_problems=30)
    lengths[0], correct[0] = lengths[0][:5], np.array([1.0, 0, 0, 1, 0])
    groups = np.concatenate([np.full(len(x), i) for i, x in enumerate(lengths)])
    fitted = ConditionalLogit(np.concatenate(correct), np.concatenate(lengths)[:, None], groups=groups).fit(disp=0)
    assert conditional_logit(lengths, correct).value == pytest.approx(fitted.params[0], rel=1e-6)


def test_without_two_telling_problems_there_is_no_estimate():
    same = [np.ones(4)] * 3
    right = [np.array([1.0, 0, 1, 0])] * 3
    assert within_problem_slope(same, right).value is None
    assert conditional_logit(same, right).value is None
    assert conditional_logit([np.arange(4.0)] * 3, [np.ones(4)] * 3).n == 0


def test_length_that_tells_right_from_wrong_perfectly_has_no_finite_log_odds():
    lengths, correct = [np.arange(4.0)] * 5, [np.array([0.0, 0, 1, 1])] * 5
    assert conditional_logit(lengths, correct).value is None
    assert within_problem_slope(lengths, correct).value == pytest.approx(0.4)


def test_right_samples_are_compared_with_the_wrong_ones_of_their_problem():
    lengths = [np.array([10.0, 20, 40]), np.array([5.0, 5]), np.array([8.0, 9])]
    correct = [np.array([1.0, 0, 0]), np.array([1.0, 1]), np.array([0.0, 1])]
    assert right_minus_wrong(lengths, correct).tolist() == [-20, 1]


def test_the_sign_test_leaves_out_ties():
    assert sign_test(np.array([1.0, 2, 3, 4, 5, 0])) == pytest.approx(2 / 2**5)
    assert sign_test(np.zeros(3)) == 1
