"""The cost law that counts the key-value cache, against the figures of the handbook and brute force."""

import numpy as np
import pytest

from experiments.statistics.kinetics import Shape, frontier, kinetic_cost

QWEN3_8B = 8.19e9, Shape(n_heads=32, n_kv_heads=8, n_layers=36, head_size=128)
QWEN3_06B = 0.752e9, Shape(n_heads=16, n_kv_heads=8, n_layers=28, head_size=128)
INTENSITY = 562.5


@pytest.mark.parametrize(
    ("model", "n", "compute", "memory"),
    [(QWEN3_8B, 1, 194.47, 4313.09), (QWEN3_8B, 8, 1555.77, 33343.49), (QWEN3_06B, 1, 26.97, 3354.62)],
)
def test_ten_thousand_tokens_cost_what_the_handbook_says(model, n, compute, memory):
    cost = kinetic_cost(*model, n_in=200, n_out=10_000, n_samples=n)
    assert cost.compute / 1e12 == pytest.approx(compute, abs=0.005)
    assert cost.traffic * INTENSITY / 1e12 == pytest.approx(memory, abs=0.005)


def test_a_cache_of_half_the_bytes_halves_the_traffic():
    parameters, shape = QWEN3_8B
    small = Shape(shape.n_heads, shape.n_kv_heads, shape.n_layers, shape.head_size, bytes_per_number=1.0)
    full, half = (kinetic_cost(parameters, each, 200, 100, 4) for each in (shape, small))
    assert (half.compute, half.traffic) == (full.compute, full.traffic / 2)


def test_the_frontier_is_the_best_that_every_budget_buys():
    rng = np.random.default_rng(1)
    accuracy, cost = rng.random((12, 4)), rng.uniform(1, 50, (12, 4))
    found = frontier(accuracy, cost, n_budgets=7)
    for budget, by_problem, fixed, chosen in zip(found.budgets, found.by_problem, found.fixed, found.chosen, strict=True):
        bought = [
            max([a for a, c in zip(*row, strict=True) if c <= budget], default=0) for row in zip(accuracy, cost, strict=True)
        ]
        assert by_problem == pytest.approx(np.mean(bought))
        means = [(accuracy[:, j].mean(), j) for j in range(4) if cost[:, j].mean() <= budget]
        assert (fixed, chosen) == (pytest.approx(max(means)[0]), max(means)[1]) if means else (0.0, -1)
    assert found.by_problem[-1] == pytest.approx(accuracy.max(axis=1).mean())
