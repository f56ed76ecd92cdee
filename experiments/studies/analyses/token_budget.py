"""What accuracy would be if answers had been cut off earlier."""

import numpy as np
from pydantic import Field

from ...statistics.budget_curve import area_under, budget_grid, right_within
from ...statistics.intervals import bootstrap_bands, bootstrap_mean
from ...statistics.ratios import ratio
from ..wording import describe, percent, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("token_budget", label="Accuracy by token budget")
class TokenBudget(Analysis):
    """Counts an answer as right within a budget of B tokens if it is right and was finished by then; B is on a log grid.

    The Relationship Between Reasoning and Performance in Large Language Models: o3 (mini) Thinks Harder, Not Longer (2025).
    One number for the curve is the area under it over the logarithm of the budget, between 0 and 1. Beside it stand the
    numbers by which lengths are summed up: tokens per answer, accuracy per 1,000 tokens, and what was cut off.

    A lower bound: a text cut at B might already have named its answer. It says nothing of what a model would write that knows
    its budget.
    """

    points: int = Field(12, ge=2, le=50, title="Budgets", description="Points of the figure, up to the longest answer")

    needs = frozenset({"endings"})
    axes = Axes("Accuracy by token budget", "budget in tokens per answer", "share right and finished", x_log=True)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        pools = examined.pools
        if not examined.tokens.any():
            return Part("Not computed: the samples have no tokens.")
        budgets = budget_grid(max(int(pool.tokens.max()) for pool in pools), self.points)
        right = examined.by_problem(np.array([right_within(pool.tokens, pool.correct, budgets) for pool in pools]))
        area = bootstrap_mean(area_under(budgets, right), rng)
        cut = bootstrap_mean(examined.by_problem(np.array([pool.truncated.mean() for pool in pools])), rng)
        accuracy = examined.by_problem(np.array([pool.correct.mean() for pool in pools]))
        whole = examined.by_problem(np.array([(~pool.truncated).mean() for pool in pools]))
        numbers = {
            "tokens per answer": bootstrap_mean(examined.tokens, rng),
            "accuracy per 1,000 tokens": ratio(1000 * accuracy, examined.tokens, rng),
            "cut off": cut,
            "accuracy, cut off is wrong": bootstrap_mean(accuracy, rng),
            "accuracy, cut off left out": ratio(accuracy, whole, rng),
            "area under the curve": area,
        }
        middle, most = np.percentile(np.concatenate([pool.tokens for pool in pools]), [50, 95])
        sentence = (
            f"Answers to {problems(len(right))} take {describe(numbers['tokens per answer'], 1)} tokens on average, half of them "
            f"at most {middle:,.0f} and 95% at most {most:,.0f}; {percent(cut)} were cut off. Accuracy per 1,000 tokens is "
            f"{describe(numbers['accuracy per 1,000 tokens'])}; the area under accuracy over the log of the budget is "
            f"{describe(area)}."
        )
        known = {name: each for name, each in numbers.items() if each.value is not None}
        return Part(sentence, known, [banded("right and finished within the budget", budgets, bootstrap_bands(right, rng))])
