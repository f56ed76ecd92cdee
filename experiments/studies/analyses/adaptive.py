"""What stopping early would have reached and saved, played over the pools."""

import numpy as np
from pydantic import Field

from ...statistics.adaptive_pools import play_score, play_vote
from ...statistics.equal_cost import curve_at
from ...statistics.intervals import bootstrap_bands, bootstrap_mean
from ...statistics.pools import Pool
from ...statistics.subsets import orders
from ..base import Series
from ..wording import describe, describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded

#: Random orders of each pool.
ORDERS = 64
#: Risks that the curve is drawn through, beside the one asked for.
RISKS = (0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)
#: Thresholds of the score: these quantiles of all scores, so that none is chosen by accuracy.
QUANTILES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


@analyses.register("adaptive", label="Stopping early")
class Adaptive(Analysis):
    """Plays two rules over random orders of each pool: stop when the vote is settled, and stop at a good enough score.

    Let's Sample Step by Step: Adaptive-Consistency for Efficient Reasoning and Coding with LLMs, 2023; Adaptive Inference-Time
    Compute: LLMs Can Predict if They Can Do Better, Even Mid-Generation, 2024. The first stops when the posterior chance that
    the runner-up is ahead has fallen to the risk, the second when the verifier has scored a sample at the threshold. Both are
    compared, paired by problem, with as many samples for every problem. No new samples are drawn, so N is at most the pool's.

    It misleads where one threshold is picked because it did best here: choose it on other problems.
    """

    error_risk: float = Field(0.05, gt=0, lt=0.5, title="Error risk", description="Of the vote, for the numbers in words")

    needs = frozenset({"several_samples"})
    axes = Axes("Accuracy against the samples drawn on average", "mean samples per problem", "share of problems answered", True)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        risks = tuple(sorted({*RISKS, self.error_risk}, reverse=True))
        voted = [play_vote(pool, risks, _orders(pool, examined)) for pool in examined.pools]
        drawn, right = (examined.by_problem(np.array([getattr(each, name) for each in voted])) for name in ("drawn", "accuracy"))
        at = risks.index(self.error_risk)
        mean_drawn = bootstrap_mean(drawn[:, at], rng)
        difference = bootstrap_mean(right[:, at] - _fixed(examined, "majority", drawn[:, at]), rng)
        numbers = {
            f"samples drawn at risk {self.error_risk:g}": mean_drawn,
            f"vote stopped at risk {self.error_risk:g} − majority of as many samples": difference,
        }
        sentence = (
            f"Stopping a vote at an error risk of {self.error_risk:g} takes {describe(mean_drawn, 1)} of {examined.n} samples, "
            f"{1 - mean_drawn.value / examined.n:.0%} saved, and against as many samples for every problem it is "
            f"{describe_difference(difference)} ({problems(len(drawn))})."
        )
        series = [_fixed_line(examined, "majority", rng), _adaptive_line("vote until settled", drawn, right, rng)]
        if "scores" in examined.offers:
            series += self._by_score(examined, rng)
        return Part(sentence, numbers, series)

    def _by_score(self, examined: Examined, rng: np.random.Generator) -> list[Series]:
        every = np.concatenate([pool.scores[examined.verifier] for pool in examined.pools])
        thresholds = np.nanquantile(every, QUANTILES).tolist()
        played = [play_score(pool, examined.verifier, thresholds, _orders(pool, examined)) for pool in examined.pools]
        drawn, right = (examined.by_problem(np.array([getattr(each, name) for each in played])) for name in ("drawn", "accuracy"))
        name = f"until {examined.verifier_in_words} is good enough"
        return [_fixed_line(examined, "best", rng), _adaptive_line(name, drawn, right, rng)]


def _orders(pool: Pool, examined: Examined) -> np.ndarray:
    """(ORDERS, N) random ones."""
    return orders(pool.n, ORDERS, examined.seed)[:, : examined.n]


def _fixed(examined: Examined, selector: str, drawn: np.ndarray) -> np.ndarray:
    """(problems,) accuracy of the selector on as many samples for every problem as were drawn on average."""
    curves = examined.curves(selector)
    return curve_at(curves.values[selector], curves.ks, float(drawn.mean()))


def _fixed_line(examined: Examined, selector: str, rng: np.random.Generator) -> Series:
    curves = examined.curves(selector)
    return banded(f"{examined.name_of(selector)}, fixed", curves.ks, bootstrap_bands(curves.values[selector], rng))


def _adaptive_line(name: str, drawn: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> Series:
    """In the order of the samples drawn."""
    means = drawn.mean(axis=0)
    order = np.argsort(means, kind="stable")
    bands = bootstrap_bands(right[:, order], rng)
    return banded(name, means[order].tolist(), bands)
