import numpy as np
import pytest

from experiments.statistics.policy_shift import best_of_n_divergence


def test_the_bound_starts_at_nothing_and_grows_with_the_logarithm():
    assert best_of_n_divergence([1, 2, 4]) == pytest.approx([0, np.log(2) - 0.5, np.log(4) - 0.75])


def test_it_is_the_divergence_itself_where_no_two_samples_score_the_same():
    n = 6
    # The best of n by a continuous score u, uniform on (0, 1), has the density n u^(n-1).
    u = (np.arange(200_000) + 0.5) / 200_000
    density = n * u ** (n - 1)
    assert best_of_n_divergence(n) == pytest.approx((density * np.log(density)).mean(), abs=1e-5)
