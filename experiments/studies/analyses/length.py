"""Whether longer answers are right less often."""

import numpy as np
from pydantic import Field
from scipy.stats import rankdata

from ...statistics.estimates import Estimate
from ...statistics.intervals import Bands, bootstrap_mean
from ...statistics.length_effect import conditional_logit, right_minus_wrong, sign_test, within_problem_slope
from ...statistics.ratios import ratio_bands
from ..wording import describe, is_clear, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("length", label="Accuracy and length")
class Length(Analysis):
    """Compares long and short answers to the same problem, since harder problems draw longer answers anyway.

    The Relationship Between Reasoning and Performance in Large Language Models: o3 (mini) Thinks Harder, Not Longer (2025).
    The average marginal effect is a least-squares slope with a level of its own for every problem; the odds ratio comes from
    conditional logistic regression over the samples of each problem. Both intervals are clustered by problem. A sign test
    over problems asks whether right samples are shorter or longer than the wrong ones beside them. The figure draws accuracy
    by the part of its own problem's lengths that a sample falls in, and by parts of all lengths together.

    Samples that were cut off are left out, for they are long and wrong by definition; how many is said. It describes the
    samples that were drawn; telling a model to write less is another experiment.
    """

    per_tokens: int = Field(100, ge=1, title="Unit", description="Tokens per which the effect is stated")
    parts: int = Field(5, ge=2, le=20, title="Parts", description="Equal parts by length that the figure draws")

    needs = frozenset({"several_samples"})
    axes = Axes("Accuracy by length", "part by length (1 = shortest)", "share correct")

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        lengths, correct, n_cut = _by_problem(examined)
        if not lengths:
            return Part("Every sample was cut off, so nothing can be said of length.")
        units = [each / self.per_tokens for each in lengths]
        slope, odds = within_problem_slope(units, correct), _exponentiated(conditional_logit(units, correct))
        sentence = self._in_words(slope, odds)
        contrast = right_minus_wrong(lengths, correct)
        apart = bootstrap_mean(contrast, rng)
        if apart.value is not None:
            sentence += (
                f" In {problems(apart.n)} with right and wrong samples the right ones have {describe(apart, 1)} tokens more, "
                f"sign test p = {sign_test(contrast):.3f}."
            )
        if n_cut:
            sentence += f" {n_cut:,} samples that were cut off are left out."
        every, right = np.concatenate(lengths), np.concatenate(correct) > 0
        if right.any() and not right.all():
            sentence += (
                f" Right samples have {every[right].mean():,.0f} tokens on average, wrong ones {every[~right].mean():,.0f}."
            )
        cuts = np.quantile(every, np.linspace(0, 1, self.parts + 1)[1:-1])
        own = [((rankdata(each) - 0.5) / len(each) * self.parts).astype(int) for each in lengths]
        overall = [np.searchsorted(cuts, each) for each in lengths]
        at = range(1, self.parts + 1)
        series = [
            banded("by length within the problem", at, self._shares(own, correct, rng), bars=True),
            banded("by length over all problems", at, self._shares(overall, correct, rng), bars=True, dashed=True),
        ]
        numbers = {
            f"accuracy per {self.per_tokens} tokens": slope,
            f"odds ratio per {self.per_tokens} tokens": odds,
            "tokens, right minus wrong": apart,
        }
        return Part(sentence, {name: found for name, found in numbers.items() if found.value is not None}, series)

    def _in_words(self, slope: Estimate, odds: Estimate) -> str:
        if slope.value is None:
            return "Too few problems have samples of different lengths to tell whether length matters."
        points = Estimate(100 * slope.value, 100 * slope.low, 100 * slope.high, slope.n, slope.method)
        verdict = "" if is_clear(slope) else ": no clear difference"
        sentence = f"Per {self.per_tokens} tokens that an answer is longer than another one to its problem, accuracy changes by "
        sentence += f"{describe(points, 1)} percentage points{verdict} ({problems(slope.n)} with different lengths)."
        return sentence if odds.value is None else f"{sentence} The odds of being right are {describe(odds)} times as high."

    def _shares(self, groups: list[np.ndarray], correct: list[np.ndarray], rng: np.random.Generator) -> Bands:
        """Accuracy by group, over all samples in it."""
        counts = np.array([np.bincount(each, minlength=self.parts) for each in groups])
        right = np.array([np.bincount(each, z, self.parts) for each, z in zip(groups, correct, strict=True)])
        return ratio_bands(right, counts, rng)


def _by_problem(examined: Examined) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Tokens and correctness of each problem's samples, repeats together, and how many were left out as cut off."""
    found: dict[str, list] = {}
    n_cut = 0
    for pool in examined.pools:
        whole = np.ones(pool.n, bool) if pool.truncated is None else ~pool.truncated
        n_cut += int((~whole).sum())
        if whole.any():
            found.setdefault(pool.problem, []).append((pool.tokens[whole].astype(float), pool.correct[whole].astype(float)))
    lengths = [np.concatenate([tokens for tokens, _ in parts]) for parts in found.values()]
    return lengths, [np.concatenate([correct for _, correct in parts]) for parts in found.values()], n_cut


def _exponentiated(log_odds: Estimate) -> Estimate:
    ends = [None if end is None else float(np.exp(end)) for end in (log_odds.value, log_odds.low, log_odds.high)]
    return Estimate(*ends, log_odds.n, log_odds.method)
