"""Does the 95% interval hold the truth 95 times in 100? Synthetic problems whose true curves are known (handbook, appendix 2)."""

import numpy as np
import pytest
from scipy.special import beta

from experiments.statistics.intervals import bootstrap_bands
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
