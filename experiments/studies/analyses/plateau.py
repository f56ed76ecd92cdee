"""Where more samples stop paying, and what an accuracy costs."""

import numpy as np
from pydantic import Field

from ...statistics.cost_to_target import CostToTarget, cost_to_target
from ...statistics.estimates import Estimate
from ...statistics.intervals import BY_PROBLEM, middle
from ...statistics.plateau import find_plateau
from ..wording import describe, describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("plateau", label="Plateau and cost of a target")
class PlateauAnalysis(Analysis):
    """Says from which k on a selector gains nothing clear, and how many samples and tokens an accuracy takes.

    Large Language Monkeys: Scaling Inference Compute with Repeated Sampling (2024). The plateau is the smallest k whose gain
    up to N, accuracy(N) − accuracy(k), has a paired 95% interval that contains zero. The cost of a target is the k at which
    the curve first reaches it, on straight lines between the drawn ks, times the mean tokens of one sample; problems are
    resampled for its interval, the same ones for every selector, so that differences of cost are paired.

    It misleads where few problems make every interval wide: then the plateau comes early because nothing can be told, not
    because nothing is gained. The oracle's plateau says when the problems are exhausted, not when a real selector is.
    """

    target: float = Field(0.5, gt=0, lt=1, title="Target", description="The accuracy whose cost is computed")

    needs = frozenset({"several_samples"})
    axes = Axes("Gain still to come, up to the largest k", "samples per problem (k)", "accuracy at N − accuracy at k", True, None)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        selectors = ("oracle", "majority", *(("best",) if "scores" in examined.offers else ()))
        curves = examined.curves(*selectors)
        plateaus = {name: find_plateau(curves.ks, curves.values[name], rng) for name in selectors}
        costs, drawn = cost_to_target(curves.ks, curves.values, examined.tokens, self.target, rng)
        known = [f"{examined.name_of(name)} from k = {plateau.k}" for name, plateau in plateaus.items() if plateau.k is not None]
        sentences = [
            f"No clear gain up to k = {examined.n}: {', '.join(known)} ({problems(len(curves.problems))})."
            if known
            else "One problem has no intervals, so no plateau can be told."
        ]
        estimates = {}
        for name, cost in costs.items():
            sentences.append(self._cost_in_words(examined, name, cost))
            if cost.samples.value is not None:
                estimates[f"samples to {self.target:g}, {examined.name_of(name)}"] = cost.samples
                estimates[f"tokens to {self.target:g}, {examined.name_of(name)}"] = cost.tokens
        if "best" in costs and drawn is not None:
            saved = _difference(costs["best"], costs["majority"], drawn[2], drawn[1])
            if saved is not None:
                estimates[f"tokens to {self.target:g}, {examined.name_of('best')} − majority"] = saved
                sentences.append(
                    f"Tokens by {examined.verifier_in_words} minus tokens by majority: {describe_difference(saved)}."
                )
        series = [banded(examined.name_of(name), curves.ks, plateau.gains) for name, plateau in plateaus.items()]
        return Part(" ".join(sentences), estimates, series, {"plateaus": {name: p.k for name, p in plateaus.items()}})

    def _cost_in_words(self, examined: Examined, name: str, cost: CostToTarget) -> str:
        if cost.samples.value is None:
            return f"{examined.name_of(name)} does not reach {self.target:g} within {examined.n} samples."
        return (
            f"{examined.name_of(name)} reaches {self.target:g} with {describe(cost.samples, 1)} samples, "
            f"{describe(cost.tokens, 0)} tokens per problem."
        )


def _difference(first: CostToTarget, second: CostToTarget, drawn_first: np.ndarray, drawn_second: np.ndarray) -> Estimate | None:
    """Tokens of the first minus those of the second, from the same resampled problems; None unless both always get there."""
    if np.isinf(drawn_first).any() or np.isinf(drawn_second).any() or first.tokens.value is None or second.tokens.value is None:
        return None
    low, high = np.percentile(drawn_first - drawn_second, middle(first.tokens.n)).tolist()
    return Estimate(first.tokens.value - second.tokens.value, low, high, first.tokens.n, BY_PROBLEM)
