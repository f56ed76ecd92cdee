import dataclasses

import pytest

from .pools import finding, full_pools


def test_longer_wrong_answers_show_as_a_clear_loss():
    found = finding("length", full_pools(150, length_effect=-10))
    slope, odds = found.estimates["accuracy per 100 tokens"], found.estimates["odds ratio per 100 tokens"]
    assert slope.high < 0
    assert odds.high < 1
    assert f"changes by {100 * slope.value:.1f}".replace("-", "−") in found.sentence
    assert "no clear difference" not in found.sentence


def test_length_that_does_not_matter_is_called_no_clear_difference():
    assert "no clear difference" in finding("length", full_pools(40, seed=8)).sentence


def test_the_parts_hold_all_samples():
    pools = full_pools(50)
    within, overall = finding("length", pools, parts=4).figure.series
    assert within.x == overall.x == [1, 2, 3, 4]
    assert within.bars
    mean = sum(pool.correct.mean() for pool in pools) / 50
    assert sum(within.y) / 4 == pytest.approx(mean, abs=0.03)


def test_samples_that_were_cut_off_are_left_out_and_counted():
    pools = [dataclasses.replace(pool, truncated=pool.tokens > 60) for pool in full_pools(30)]
    sentence = finding("length", pools).sentence
    assert f"{sum((pool.tokens > 60).sum() for pool in pools)} samples that were cut off are left out" in sentence


def test_right_samples_are_held_against_the_wrong_ones_beside_them():
    found = finding("length", full_pools(150, length_effect=-10))
    assert found.estimates["tokens, right minus wrong"].high < 0
    assert "sign test p = 0.000" in found.sentence
