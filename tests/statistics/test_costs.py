"""What attempts cost, counted by hand."""

import numpy as np
import pytest

from experiments.statistics.costs import AXES, Yardstick, cost_of, cost_of_one, cost_on, mean_cost
from experiments.statistics.kinetics import Shape, kinetic_cost
from experiments.statistics.runtimes import Runtime
from tests.studies.spending import SMALL, texts


def test_a_prompt_that_texts_share_is_counted_once_and_everything_else_for_each():
    cost = cost_of(texts(4, prompt=20, completion=10, judging=1), SMALL)
    assert (cost.samples, cost.calls, cost.seconds, cost.money) == (4, 4, 4, 2)
    assert (cost.prompt_tokens, cost.cached_tokens, cost.completion_tokens) == (80, 60, 40)
    assert cost.tokens == 20 + 4 * 10
    assert cost.judging_tokens == 10
    assert cost.flops == 2 * 1000 * 60


def test_the_first_text_pays_for_its_prompt_though_another_attempt_left_it_in_the_cache():
    warm = texts(3)
    warm.cached[0] = 20
    assert cost_of(warm, SMALL) == cost_of(texts(3), SMALL)


def test_eflops_follow_the_kinetics_of_each_prompt_with_its_texts():
    cost = cost_of(texts(4, prompt=20, completion=10), SMALL)
    alone = kinetic_cost(1000, SMALL.shape, 20, 10, 4)
    assert cost.eflops(7.0) == pytest.approx(alone.compute + 7 * alone.traffic)
    split = texts(4, prompt=20, completion=10)
    split.group[2:] = 1
    assert cost_of(split, SMALL).kv_traffic > cost.kv_traffic


def test_ideal_seconds_and_pte_star_come_from_the_fitted_law():
    yardstick = Yardstick(runtime=Runtime((0.0, 100.0), (0.1, 1.1), 0.02))
    cost = cost_of(texts(2, prompt=20, completion=11), yardstick)
    assert cost.ideal_seconds == pytest.approx((0.3 + 10 * 0.02) + (0.1 + 10 * 0.02))  # a prompt in the cache takes F(0)
    assert cost.prefill_tokens == pytest.approx(20 + 22 * 0.02 / 0.01)


def test_a_single_text_of_a_pool_pays_its_whole_prompt_and_the_mean_of_the_rest():
    pool = texts(4)
    pool.completion[:] = [5, 10, 15, 30]
    one = cost_of_one(pool, SMALL)
    assert (one.samples, one.prompt_tokens, one.completion_tokens, one.tokens) == (1, 20, 15, 35)


def test_what_is_not_known_of_a_model_is_none_and_not_zero():
    cost = cost_of(texts(2), Yardstick())
    assert [axis for axis in AXES if cost_on(cost, axis, 20.0) is None] == ["flops", "eflops", "ideal_seconds", "prefill_tokens"]
    assert mean_cost([cost, cost_of(texts(2), SMALL)]).flops is None


def test_the_mean_of_costs_is_taken_field_by_field():
    mean = mean_cost([cost_of(texts(2), SMALL), cost_of(texts(4), SMALL)])
    assert (mean.samples, mean.completion_tokens, mean.tokens) == (3, 30, 50)


def test_an_attempt_without_a_text_costs_nothing():
    cost = cost_of(texts(0), Yardstick(1000, Shape(1, 1, 1, 1), Runtime((1.0,), (0.1,), 0.1)))
    assert (cost.tokens, cost.flops, cost.eflops(20), cost.ideal_seconds) == (0, 0, 0, 0)
    assert np.isfinite(cost_of_one(texts(0), SMALL).tokens)
