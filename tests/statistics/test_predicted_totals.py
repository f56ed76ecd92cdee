"""Totals predicted from a few units: by hand on small numbers, and by how often the interval holds the truth."""

import numpy as np
import pytest

from experiments.statistics.predicted_totals import Prediction, Seen, predict_total


def test_a_total_by_hand():
    # Mean 4, variance 4, n = 3, m = 6: half-width t(0.975; 2) * 2 * 6 * sqrt(1/3 + 1/6) = 4.302653 * 8.485281.
    found = predict_total([Seen([2.0, 4.0, 6.0], 6)])
    assert found.expected == 24
    assert found.high == pytest.approx(24 + 36.509220, abs=1e-5)
    assert found.low == 0, "an amount is never negative"


def test_equal_amounts_leave_no_doubt():
    assert predict_total([Seen([3.0, 3.0], 10), Seen([1.0, 1.0, 1.0], 5)]) == Prediction(35.0, 35.0, 35.0)


def test_half_widths_of_different_kinds_add_in_squares():
    one = predict_total([Seen([90.0, 100.0, 110.0], 50)])
    two = predict_total([Seen([90.0, 100.0, 110.0], 50)] * 2)
    assert two.expected == 2 * one.expected
    assert two.high - two.expected == pytest.approx((one.high - one.expected) * 2**0.5)


def test_nothing_more_to_come_costs_nothing():
    assert predict_total([Seen([1.0, 2.0], 0)]) == Prediction(0.0, 0.0, 0.0)


def test_one_unit_is_too_few():
    with pytest.raises(ValueError, match="at least two"):
        predict_total([Seen([1.0], 5)])


def test_the_interval_holds_95_of_100_totals():
    generator = np.random.default_rng(3)
    draws = generator.normal(100, 20, (4000, 5 + 40))
    held = 0
    for row in draws:
        found = predict_total([Seen(row[:5].tolist(), 40)])
        held += found.low <= row[5:].sum() <= found.high
    # Four standard errors of a share of 0.95 in 4,000.
    assert held / 4000 == pytest.approx(0.95, abs=0.0138)
