"""Numbers on screen: readable, never rounded into another meaning."""

from datetime import timedelta

import pytest

from experiments.templatetags.quantities import compact, decimal, duration, percent, signed, whole


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (0.25, "0.2"),
        (412, "412"),
        (18_412, "18.4k"),
        (999.4, "999"),
        (9_996, "10.0k"),
        (1_254_000, "1.25M"),
        (5.02e12, "5.02T"),
    ],
)
def test_large_numbers_keep_three_figures(value, text):
    assert compact(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (112, "1:52"), (59.6, "1:00"), (7500, "2 h 05 min"), (277_200, "3 d 5 h")]
)
def test_durations_grow_their_units(seconds, text):
    assert duration(timedelta(seconds=seconds)) == text


def test_missing_values_are_dashes_and_zeros_are_zeros():
    assert [show(None) for show in (compact, whole, duration, percent, decimal, signed)] == ["–"] * 6
    assert [compact(0), duration(timedelta()), percent(0), decimal(0), signed(0)] == ["0", "0:00", "0.0%", "0.00", "0"]


def test_counts_keep_every_digit():
    assert whole(43_142) == "43,142"


def test_signs_are_true_minus_signs():
    assert signed(-2) == "−2"
    assert signed(5) == "+5"
    assert decimal(-1.2) == "−1.20"
