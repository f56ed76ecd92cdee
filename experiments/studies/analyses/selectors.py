"""Every selector on the same pools."""

import numpy as np

from ...statistics.intervals import bootstrap_bands, estimates
from ...statistics.selectors.family import applicable
from ..wording import describe, describe_difference, is_clear, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("selectors", label="All selectors")
class SelectorsAnalysis(Analysis):
    """Draws every way to pick an answer that the pools are enough for, against k, and compares each with the majority at N.

    Bag of Tricks for Inference-time Computation of LLM Reasoning (2025); Large Language Monkeys (2024). One file each under
    `statistics/selectors`: closed forms for the oracle, best-by-score, shortest, longest, likeliest and worst of k, an exact
    count for the majority, subsets without replacement for weighted votes. Ties share the credit evenly.

    It misleads if the best of many selectors is reported as if it had been chosen beforehand: what wins here by little will
    win by less elsewhere. Best-by-score may fall with k; that is the score being exploited, and a result.
    """

    needs = frozenset({"several_samples"})
    axes = Axes("Accuracy against k, every selector", "samples per problem (k)", "share of problems answered", True)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        names = applicable(examined.offers)
        curves = examined.curves(*names)
        bands = curves.bands(rng)
        majority = curves.at("majority", examined.n)
        compared = [name for name in names if name not in ("majority", "oracle", "worst", "mean")]
        gains = np.column_stack([curves.at(name, examined.n) - majority for name in compared])
        numbers = dict(zip(compared, estimates(bootstrap_bands(gains, rng)), strict=True))
        clear = [f"{examined.name_of(name)} {describe_difference(gain)}" for name, gain in numbers.items() if is_clear(gain)]
        at_n = {name: estimates(bands[name])[-1] for name in names}
        sentence = (
            f"Of {len(names)} selectors at k = {examined.n}, against the majority's {describe(at_n['majority'])} on "
            f"{problems(len(curves.problems))}: {'; '.join(clear) if clear else 'none differs clearly'}. The intervals are not "
            f"corrected for {len(compared)} comparisons. Between worst of k and oracle lie {describe(at_n['worst'])} and "
            f"{describe(at_n['oracle'])}."
        )
        shown = {f"{examined.name_of(name)}@{examined.n}": estimate for name, estimate in at_n.items()}
        shown |= {f"{examined.name_of(name)} − majority@{examined.n}": gain for name, gain in numbers.items()}
        return Part(sentence, shown, [banded(examined.name_of(name), curves.ks, bands[name]) for name in names])
