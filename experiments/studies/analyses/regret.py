"""How much of a token budget passes before the right answer is there."""

import numpy as np
from pydantic import Field

from ...statistics.intervals import bootstrap_bands, estimates
from ...statistics.regret import regret
from ..wording import describe, describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("regret", label="Cumulative regret over tokens")
class Regret(Analysis):
    """Follows accuracy as the tokens of more and more samples are spent, and adds up what was missing on the way.

    After Optimizing Test-Time Compute via Meta Reinforcement Fine-Tuning (MRT, 2025), with samples in place of episodes. For
    each problem the points (k · mean tokens, accuracy at k) are joined by straight lines from (0, 0) on; the regret at a
    budget C is 1 − area / C, the curve cut at C or held flat up to it. 0: right from the first token; 1: never.

    It misleads where it is compared across models that write answers of different lengths for other reasons, and beyond the
    tokens drawn the curve is only assumed to stay flat. The oracle's line is no method: it shows the least regret possible.
    """

    budgets: int = Field(8, ge=2, le=50, title="Budgets", description="Points of the figure, up to the mean tokens of N samples")

    needs = frozenset({"several_samples"})
    axes = Axes("Regret against the token budget", "budget in tokens per problem", "regret")

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        names = ("oracle", "majority", *(("best",) if "scores" in examined.offers else ()), "mean")
        curves = examined.curves(*names)
        spent = examined.tokens[:, None] * np.array(curves.ks)
        full = float(spent[:, -1].mean())
        if full == 0:
            return Part("Not computed: the samples have no tokens.")
        budgets = np.unique(np.maximum(np.round(full * np.arange(1, self.budgets + 1) / self.budgets), 1))
        found = {name: _regrets(spent, curves.values[name], budgets) for name in names}
        bands = {name: bootstrap_bands(each, rng) for name, each in found.items()}
        gain = estimates(bootstrap_bands(found["majority"][:, -1:] - found["mean"][:, -1:], rng))[0]
        last = {f"regret, {examined.name_of(name)}": estimates(bands[name])[-1] for name in names}
        shown = ", ".join(f"{examined.name_of(name)} {describe(estimates(bands[name])[-1])}" for name in names)
        sentence = (
            f"Regret over a budget of {full:,.0f} tokens on {problems(len(spent))}: {shown}. Majority minus a single sample: "
            f"{describe_difference(gain)}."
        )
        numbers = {**last, "regret, majority − mean (no selection)": gain}
        return Part(sentence, numbers, [banded(examined.name_of(name), budgets, bands[name]) for name in names])


def _regrets(spent: np.ndarray, accuracy: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """(problems, len(budgets))"""
    return np.array([[regret(x, y, budget) for budget in budgets] for x, y in zip(spent, accuracy, strict=True)])
