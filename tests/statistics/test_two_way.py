"""A mean over formats and problems carries the noise of both."""

import numpy as np
import pytest

from experiments.statistics.two_way import two_way_mean


def test_the_interval_covers_the_true_mean_of_a_crossed_design():
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng([3, seed])
        values = rng.normal(0, 1, (20, 1)) + rng.normal(0, 1, (1, 40)) + rng.normal(0, 1, (20, 40))
        found = two_way_mean(values, rng, resamples=300)
        hits += found.low <= 0 <= found.high
    # 95% with a standard error of 1.3 points; percentiles of 20 rows fall a little short of it.
    assert 0.90 <= hits / 300 <= 0.985


def test_its_width_is_that_of_the_variance_components():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (50, 1)) + rng.normal(0, 0.5, (1, 100))
    found = two_way_mean(values, rng, resamples=4000)
    # Rows and columns add without a residual: var = var(row means)/50 + var(column means)/100.
    sd = np.sqrt(values.mean(axis=1).var() / 50 + values.mean(axis=0).var() / 100)
    assert found.high - found.low == pytest.approx(2 * 1.96 * sd, rel=0.06)
    assert found.n == 100


def test_one_format_has_no_interval_over_formats():
    found = two_way_mean(np.array([[1.0, 0.0, 1.0]]), np.random.default_rng(0))
    assert (found.value, found.low, found.high) == (pytest.approx(2 / 3), None, None)
