"""Whether a verifier ranks right samples above wrong ones of the same problem."""

import numpy as np
from pydantic import Field

from ...statistics.calibration import auroc
from ...statistics.estimates import Estimate
from ...statistics.intervals import bootstrap_mean
from ...statistics.pools import offered
from ...statistics.ratios import ratio_bands
from ..wording import describe, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("separation", label="How well scores tell right from wrong")
class Separation(Analysis):
    """Gives the chance that a right sample scores higher than a wrong one of the same problem (AUROC within problem).

    Bag of Tricks for Inference-time Computation of LLM Reasoning (2025) compares verifiers this way. Equal scores count half;
    problems whose samples are all right or all wrong say nothing and are left out. 0.5 is chance. The figure shows how the
    scores of right and of wrong samples are distributed over all problems.

    The AUROC over all samples together, also given, mixes in how well the scores tell easy problems from hard ones, which
    helps no selector: only the value within problems does.
    """

    bins: int = Field(20, ge=5, le=100, title="Bins", description="Of the score, equally wide")

    needs = frozenset({"scores", "several_samples"})
    axes = Axes("Scores of right and of wrong samples", "score", "share of the samples", y_range=None)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        scoring = [verifier for verifier in examined.pools[0].scores if "scores" in offered(examined.pools, verifier)]
        aurocs = {verifier: _within(examined, verifier, rng) for verifier in scoring}
        within = aurocs[examined.verifier]
        scores, correct = _scored(examined, examined.verifier)
        every, right = np.concatenate(scores), np.concatenate(correct)
        if within.value is None:
            return Part("No problem has both right and wrong samples with a score, so nothing can be told apart.")
        pooled = auroc(every, right)
        verdict = _verdict(within.low, within.high)
        sentence = (
            f"Within a problem a right sample scores higher by {examined.verifier_in_words} than a wrong one with chance "
            f"{describe(within)}{verdict} ({problems(within.n)} with both). Over all samples together: {pooled:.2f}, which also "
            "counts telling easy problems from hard ones."
        )
        known = {verifier.replace("_", " "): found for verifier, found in aurocs.items() if found.value is not None}
        others = [f"{name} {describe(found)}" for name, found in known.items() if name != examined.verifier_in_words]
        if others:
            sentence += f" The same chance by other verifiers: {', '.join(others)}."
        edges = np.linspace(every.min(), every.max(), self.bins + 1) if np.ptp(every) else every.min() + np.array([-0.5, 0.5])
        centres = (edges[1:] + edges[:-1]) / 2
        series = []
        for name, is_right in (("right samples", True), ("wrong samples", False)):
            counts = np.array([np.histogram(s[z == is_right], edges)[0] for s, z in zip(scores, correct, strict=True)])
            totals = np.repeat(counts.sum(axis=1, keepdims=True), len(centres), axis=1)
            series.append(banded(name, centres, ratio_bands(counts, totals, rng)))
        numbers = {f"AUROC within problem, {name}": found for name, found in known.items()}
        return Part(sentence, numbers, series, {"auroc_pooled": pooled})


def _scored(examined: Examined, verifier: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(scores, correctness) of each pool's samples that have a score."""
    pairs = [(pool.scores[verifier], pool.correct) for pool in examined.pools]
    known = [~np.isnan(scores) for scores, _ in pairs]
    return [s[k] for (s, _), k in zip(pairs, known, strict=True)], [z[k] for (_, z), k in zip(pairs, known, strict=True)]


def _within(examined: Examined, verifier: str, rng: np.random.Generator) -> Estimate:
    """The mean AUROC of the problems with right and wrong samples."""
    each = np.array([auroc(s, z) for s, z in zip(*_scored(examined, verifier), strict=True)], dtype=float)
    by_problem = examined.by_problem(each)
    return bootstrap_mean(by_problem[~np.isnan(by_problem)], rng)


def _verdict(low: float | None, high: float | None) -> str:
    if low is None:
        return ""
    return ": no clear difference from chance" if low <= 0.5 <= high else ""
