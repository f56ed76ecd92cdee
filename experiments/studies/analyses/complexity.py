"""Whether the samples with more reasoning steps vote better."""

from math import ceil

import numpy as np

from ...statistics.intervals import bootstrap_bands, estimates
from ...statistics.selectors.ballots import ballots
from ...statistics.selectors.complexity_vote import top_vote
from ..wording import describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("complexity", label="Complexity-based voting")
class Complexity(Analysis):
    """Lets only the samples with the most reasoning steps vote, for several shares of them at N.

    Complexity-Based Prompting for Multi-Step Reasoning (2022; ICLR 2023). Steps are the lines of a text, or its sentences
    where it is one line; the ceil(share · N) samples with the most steps vote, equal steps at random. A share of 1 is the
    majority vote.

    It misleads on models that reason at length: there the longest texts are often the wrong ones, so look at accuracy by
    length before trusting the rule. A share picked because it is best here was picked on the test problems.
    """

    needs = frozenset({"lengths", "several_samples"})
    axes = Axes("Majority among the most complex samples, at N", "share of the samples that vote", "share of problems answered")

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        n = examined.n
        kept = sorted({ceil(n * tenth / 10) for tenth in range(1, 11)})
        accuracy = np.array([[_vote(pool, n, m, examined.seed) for m in kept] for pool in examined.pools])
        by_problem = examined.by_problem(accuracy)
        bands = bootstrap_bands(by_problem, rng)
        gains = estimates(bootstrap_bands(by_problem[:, :-1] - by_problem[:, -1:], rng)) if len(kept) > 1 else []
        numbers = {f"top {m} of {n} − majority@{n}": gain for m, gain in zip(kept, gains, strict=False)}
        usual = ceil(0.7 * n)
        sentence = f"Of {n} samples on {problems(len(by_problem))}, only the {usual} with the most steps voting: "
        sentence += (
            f"{describe_difference(numbers[f'top {usual} of {n} − majority@{n}'])} against all of them."
            if usual < n
            else "that is all of them."
        )
        return Part(sentence, numbers, [banded("top by steps", [m / n for m in kept], bands)])


def _vote(pool, n: int, kept: int, seed: int) -> float:
    return float(top_vote(ballots(pool, (n,), seed), pool, {n: kept})[0])
