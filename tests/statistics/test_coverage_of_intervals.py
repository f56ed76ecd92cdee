"""Does the 95% interval hold the truth 95 times in 100? Synthetic problems whose true curves are known (handbook, appendix 2)."""

import numpy as np
import pytest
from scipy.special import beta
from scipy.stats import binom

from experiments.statistics.intervals import bootstrap_bands, wilson
from experiments.statistics.pass_at_k import pass_at_k

KS = (1, 2, 4, 8)


def true_coverage(k: int) -> float:
    """E[1 - (1 - p)^k] for p ~ Beta(0.3, 1)."""
    return 1 - beta(0.3, 1 + k) / beta(0.3, 1)


def share_covered(experiments: int, n_problems: int, resamples: int) -> np.ndarray:
    """(len(KS),) share of simulated experiments whose bootstrap interval of pass@k holds the truth."""
    rng = np.random.default_rng(17)
    truth = np.array([true_coverage(k) for k in KS])
    covered = np.zeros(len(KS))
    for _ in range(experiments):
        correct = rng.binomial(16, rng.beta(0.3, 1, n_problems))
        bands = bootstrap_bands(pass_at_k(16, correct, KS), rng, resamples)
        covered += (bands.low <= truth) & (truth <= bands.high)
    return covered / experiments


def test_the_interval_over_problems_holds_the_truth_about_95_times_in_100():
    # 600 experiments know a share near 0.95 to 0.009; the percentile bootstrap of 100 skewed problems covers about 0.94.
    covered = share_covered(experiments=600, n_problems=100, resamples=400)
    assert (covered > 0.91).all()
    assert (covered < 0.98).all()


def test_an_interval_over_samples_would_be_far_too_narrow():
    rng = np.random.default_rng(18)
    covered = 0
    for _ in range(300):
        outcomes = rng.random((40, 16)) < rng.beta(0.3, 1, 40)[:, None]
        half = 1.96 * np.sqrt(outcomes.mean() * (1 - outcomes.mean()) / outcomes.size)
        covered += abs(outcomes.mean() - true_coverage(1)) <= half
    assert covered / 300 < 0.6


@pytest.mark.long
def test_the_interval_over_problems_holds_the_truth_closely_in_many_experiments():
    covered = share_covered(experiments=5_000, n_problems=300, resamples=1_000)
    assert covered == pytest.approx(np.full(len(KS), 0.95), abs=0.015)


def right_and_wrong(rng: np.random.Generator, n: int) -> np.ndarray:
    """Differences of single answers to n problems; their mean is 0.1."""
    return rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.1, 0.7, 0.2])


def means_of_four(rng: np.random.Generator, n: int) -> np.ndarray:
    """Differences of accuracies of four samples each; on average a gain of 0.05."""
    before = rng.beta(1, 1, n)
    return rng.binomial(4, before + (1 - before) * 0.1) / 4 - rng.binomial(4, before) / 4


@pytest.mark.long
@pytest.mark.parametrize(("draw", "truth"), [(right_and_wrong, 0.1), (means_of_four, 0.05)])
@pytest.mark.parametrize("n", [30, 60, 200])
def test_a_paired_difference_is_covered_within_a_point_of_95_in_100(draw, truth, n):
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(10_000):
        bands = bootstrap_bands(draw(rng, n)[:, None], rng, 1_000)
        covered += bands.low[0] <= truth <= bands.high[0]
    assert covered / 10_000 == pytest.approx(0.95, abs=0.01 + 0.004)  # 0.004: two standard errors of 10,000 experiments


@pytest.mark.long
@pytest.mark.parametrize("n", [30, 100, 500])
def test_wilsons_interval_covers_within_a_point_on_average_over_rates(n):
    """It swings around 95% as the rate moves from one k/n to the next; what it promises is the average."""
    rates = np.linspace(0.05, 0.95, 181)
    bounds = np.array([(wilson(k, n).low, wilson(k, n).high) for k in range(n + 1)])
    inside = (bounds[:, :1] <= rates) & (rates <= bounds[:, 1:])
    coverage = (binom.pmf(np.arange(n + 1)[:, None], n, rates) * inside).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.01)


def test_few_problems_are_covered_too():
    # 600 experiments know a share near 0.95 to 0.009; the plain middle 95% of resampled means would cover 0.93.
    rng = np.random.default_rng(5)
    covered = [
        bands.low[0] <= 0.05 <= bands.high[0]
        for bands in (bootstrap_bands(means_of_four(rng, 30)[:, None], rng, 1_000) for _ in range(600))
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)
