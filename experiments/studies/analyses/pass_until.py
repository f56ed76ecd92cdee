"""How small a problem's chance of success is, told apart where accuracy would say 0."""

import numpy as np
from pydantic import Field

from ...statistics.intervals import bootstrap_mean
from ...statistics.pass_until import pass_until, sensitive_scale
from ..base import Series
from ..wording import describe, problems
from .base import Analysis, Axes, Examined, Part, analyses

#: 0.00001, 0.00002, 0.00005, 0.0001, ... 1
_ROUND = [round(digit * 10.0**power, 5 - power) for power in range(-5, 0) for digit in (1, 2, 5)] + [1.0]


@analyses.register("pass_until", label="PassUntil: tiny pass rates")
class PassUntilAnalysis(Analysis):
    """Reads each problem's samples in the order drawn until r have passed, and estimates its pass rate from where that was.

    Unlock Predictable Scaling from Emergent Abilities (2023; later Predicting Emergent Abilities with Infinite Resolution
    Evaluation, ICLR 2024). With the r-th pass at draw K the rate is r / K, without bias (r − 1) / (K − 1). A problem with
    fewer than r passes in all its samples is censored: passes / n, and if none passed at most 1 − 0.05^(1/n). F = log(−log of
    the mean rate) is an axis that still moves where accuracy is flat, to compare models, quantisations or wordings on.

    It misleads for r = 1, where r / K is biased upward, and where the grader's false passes outnumber true ones: a false-pass
    rate of 1 in 1,000 hides any smaller truth.
    """

    r: int = Field(2, ge=1, title="Passes (r)", description="Passes to wait for; 1 has no unbiased rate")

    axes = Axes("Pass rates of the problems", "pass rate", "share of problems with at most this rate", True)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        found = pass_until([pool.correct for pool in examined.pools], self.r)
        rates = examined.by_problem(found.rates if self.r == 1 else found.unbiased)
        score = bootstrap_mean(rates, rng)
        censored = examined.by_problem(found.censored.astype(float)) > 0
        never = int(np.isfinite(found.upper).sum())
        draws = int(found.draws.sum())
        kind = "r / K" if self.r == 1 else "(r − 1) / (K − 1)"
        sentence = (
            f"Waiting for r = {self.r} passes, the mean pass rate by {kind} is {describe(score, 3)} over {problems(len(rates))}; "
            f"it took {draws:,} of {sum(pool.n for pool in examined.pools):,} samples."
        )
        if censored.any():
            sentence += f" {problems(int(censored.sum()))} had fewer than {self.r} passes in all samples."
        if never:
            bound = float(np.nanmax(found.upper))
            sentence += f" Where none passed, the rate is at most {bound:.3f} (95%)."
        scale = None if score.value is None else sensitive_scale(score.value)
        details = {"F": scale, "censored": int(censored.sum()), "draws": draws}
        return Part(sentence, {"pass rate": score}, [_distribution(rates)], details)


def _distribution(rates: np.ndarray) -> Series:
    """The share of problems at or below each of some round rates, from the last one below all rates above 0."""
    rarest = rates[rates > 0].min(initial=1.0)
    points = [rate for rate in _ROUND if rate >= rarest / 2.5]
    return Series("problems", points, [float((rates <= rate + 1e-12).mean()) for rate in points], n=len(rates))
