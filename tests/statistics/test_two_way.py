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
    # 95% with a standard error of 1.3 points. Resampling both ways counts the noise of single cells three times.
    assert 0.92 <= hits / 300 <= 0.995


def test_its_width_is_that_of_the_variance_components():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (50, 1)) + rng.normal(0, 0.5, (1, 100))
    found = two_way_mean(values, rng, resamples=40_000)
    # Rows and columns add without a residual: var = var(row means)/50 + var(column means)/100, nearly all of it from the rows.
    sd = np.sqrt(values.mean(axis=1).var(ddof=1) / 50 + values.mean(axis=0).var(ddof=1) / 100)
    assert found.high - found.low == pytest.approx(2 * 2.01 * sd, rel=0.03)
    assert found.n == 100


def test_few_variants_widen_it_only_where_they_differ():
    rng = np.random.default_rng(1)
    by_problem = np.tile(rng.normal(0, 1, (1, 400)), (3, 1))
    alike, different = two_way_mean(by_problem, rng), two_way_mean(by_problem + np.array([[-1.0], [0.0], [1.0]]), rng)
    assert alike.high - alike.low == pytest.approx(2 * 1.97 * by_problem[0].std() / 20, rel=0.1)
    # Of three variants no more is known than where the lowest and the highest lie.
    assert different.low < -0.95
    assert different.high > 0.95


def test_one_format_has_no_interval_over_formats():
    found = two_way_mean(np.array([[1.0, 0.0, 1.0]]), np.random.default_rng(0))
    assert (found.value, found.low, found.high) == (pytest.approx(2 / 3), None, None)
