"""What quality a verifier would need to be worth having, on the samples that were drawn."""

import numpy as np
from pydantic import Field

from ...statistics.cost_to_target import first_reach
from ...statistics.estimates import Estimate
from ...statistics.intervals import bootstrap_bands, bootstrap_means, percentile_estimate
from ...statistics.simulated_verifier import simulated_curve
from ..base import Series
from ..wording import describe, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded

_FALSE_POSITIVES = np.linspace(0, 1, 21)


@analyses.register("simulated_verifier", label="What verifier quality is needed (simulated)")
class SimulatedVerifier(Analysis):
    """Lets a verifier that errs at set rates choose among the real samples, and says how good it must be to beat the majority.

    The question of Inference Scaling fLaws: The Limits of LLM Resampling with Imperfect Verifiers (2024), asked of one's own
    pools. One of the accepted among N samples is handed in, any of them where none is accepted; the expectation is exact:
    with h right ones among the N (hypergeometric), t of them accepted and f wrong ones accepted (binomial), t / (t + f).

    It knows the truth, so its curves are oracle curves with noise. It misleads where a real verifier errs on the same problems
    again and again, as most do: errors here are independent, and one more sample dilutes them.
    """

    false_negatives: tuple[float, ...] = Field(
        (0.0, 0.2, 0.5), title="False rejections", description="Shares of right answers rejected, one line each"
    )

    needs = frozenset({"several_samples"})
    axes = Axes(
        "Best of N by a simulated verifier (oracle with noise)", "share of wrong answers accepted", "share of problems answered"
    )

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        n_correct = np.array([pool.correct.sum() for pool in examined.pools])
        sizes = np.array([pool.n for pool in examined.pools])
        reference = examined.curves("majority", "mean")
        majority, single = (reference.at(name, examined.n) for name in ("majority", "mean"))
        sentences, numbers, series = [], {}, []
        for missed in self.false_negatives:
            curves = np.empty((len(sizes), len(_FALSE_POSITIVES)))
            for n in np.unique(sizes):
                of_size = sizes == n
                curves[of_size] = simulated_curve(int(n), n_correct[of_size], examined.n, _FALSE_POSITIVES, missed)
            curves = examined.by_problem(curves)
            series.append(banded(f"{missed:.0%} of right ones rejected", _FALSE_POSITIVES, bootstrap_bands(curves, rng)))
            allowed = _allowed(curves - majority[:, None], rng)
            numbers[f"wrong accepted at most, {missed:.0%} of right ones rejected"] = allowed
            sentences.append(_in_words(allowed, missed))
        for name, level in (("majority", majority), ("mean (no selection)", single)):
            flat = [float(level.mean())] * 2
            series.append(Series(f"{name}@{examined.n}", [0.0, 1.0], flat, n=len(level), dashed=True, markers=False))
        opening = f"To beat the majority of {examined.n} ({majority.mean():.2f}) on {problems(len(majority))}, a verifier"
        return Part(f"{opening} {'; '.join(sentences)}.", numbers, series)


def _allowed(gains: np.ndarray, rng: np.random.Generator) -> Estimate:
    """The largest share of wrong answers it may accept and still gain; None where even a perfect eye for wrong ones loses."""
    n = len(gains)

    def crossing(means: np.ndarray) -> np.ndarray:
        reached = first_reach(_FALSE_POSITIVES, -means, 0.0)
        return np.where(means[:, 0] <= 0, np.nan, np.minimum(reached, 1.0))

    value = float(crossing(gains.mean(axis=0, keepdims=True))[0])
    if np.isnan(value):
        return Estimate(None, None, None, n, "bootstrap over problems")
    drawn = None if n < 2 else np.nan_to_num(crossing(bootstrap_means(gains, rng)), nan=0.0)
    return percentile_estimate(value, drawn, n)


def _in_words(allowed: Estimate, missed: float) -> str:
    if allowed.value is None:
        return f"that rejects {missed:.0%} of the right answers cannot, however few wrong ones it accepts"
    return f"that rejects {missed:.0%} of the right answers may accept {describe(allowed)} of the wrong ones"
