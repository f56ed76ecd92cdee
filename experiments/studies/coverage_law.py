"""Whether coverage follows a power law, how well, and what that would promise beyond the samples drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.coverage_fit import CoverageFit, NoFit, fit_coverage, resampled_laws, samples_for
from ..statistics.estimates import Estimate
from ..statistics.intervals import percentile_estimate
from .base import Figure, Finding, Series
from .measured import Measured

#: The law is called good when it explains this share of the variance of log coverage.
GOOD_FIT = 0.98
#: The next of these coverages is what an extrapolation is made for, up to so many times N.
TARGETS = (0.5, 0.8, 0.9, 0.95, 0.99)
FARTHEST = 100


@dataclass(frozen=True)
class Law:
    """A fitted law with its parameters' intervals; `samples` is what the coverage `target` takes, where that can be said."""

    fit: CoverageFit
    a: Estimate
    b: Estimate
    target: float | None = None
    samples: Estimate | None = None

    @classmethod
    def of(cls, condition: Measured, fit: CoverageFit, rng: np.random.Generator) -> "Law":
        """No extrapolation from a poor fit, without an interval, or to more than 100 N."""
        n = condition.n_problems
        columns = [condition.curves.ks.index(k) for k in fit.ks]
        laws = resampled_laws(fit.ks, condition.curves.values["oracle"][:, columns], rng)
        a, b = (None, None) if laws is None else laws
        law = cls(fit, percentile_estimate(fit.a, a, n), percentile_estimate(fit.b, b, n))
        target = next((target for target in TARGETS if target > fit.coverage([condition.n])[0]), None)
        if laws is None or target is None or fit.r_squared < GOOD_FIT:
            return law
        farthest = FARTHEST * condition.n
        resampled = np.minimum(samples_for(target, a, b), farthest)  # a flat law's infinity has no percentiles
        samples = percentile_estimate(fit.samples_for(target), resampled, n)
        return law if samples.high >= farthest else cls(fit, law.a, law.b, target, samples)

    def in_words(self) -> str:
        quality = "fits well" if self.fit.r_squared >= GOOD_FIT else "fits poorly"
        sentence = (
            f"Oracle coverage exp(a k^b) with a = {_text(self.a, 2)}, b = {_text(self.b, 2)} {quality}: "
            f"R² {self.fit.r_squared:.3f} on log coverage over {len(self.fit.ks)} points, "
            f"largest residual {max(map(abs, self.fit.residuals)):.3f}."
        )
        if self.samples is not None:
            sentence += f" If the law goes on, a coverage of {self.target:g} takes {_text(self.samples, 0)} samples per problem."
        return sentence

    def estimates(self, prefix: str) -> dict[str, Estimate]:
        found = {f"{prefix}a": self.a, f"{prefix}b": self.b}
        return found if self.samples is None else {**found, f"{prefix}samples for {self.target:g}": self.samples}


def coverage_finding(measured: Sequence[Measured], rng: np.random.Generator) -> Finding:
    """The law of every condition, drawn dashed through its oracle curve."""
    numbers: dict[str, Estimate] = {}
    details: dict[str, dict] = {}
    sentences, series = [], []
    for condition in measured:
        series.append(condition.line("oracle", "oracle (pass@k)"))
        fit = fit_coverage(condition.curves.ks, condition.bands["oracle"].mean)
        if isinstance(fit, NoFit):
            sentences.append(f"{condition.prefix}No power law was fitted to coverage: {fit.reason}.")
            continue
        law = Law.of(condition, fit, rng)
        sentences.append(condition.prefix + law.in_words())
        numbers |= law.estimates(condition.prefix)
        details[condition.key] = {
            "r_squared": fit.r_squared,
            "rmse": fit.rmse,
            "ks": list(fit.ks),
            "residuals": list(fit.residuals),
        }
        drawn = fit.coverage(fit.ks).tolist()
        series.append(Series(f"{condition.prefix}fit", list(fit.ks), drawn, n=condition.n_problems, dashed=True, markers=False))
    title = "Coverage and its power law (oracle)"
    figure = Figure(title, "samples per problem (k)", "share with a right answer", series, x_log=True)
    return Finding("coverage", "Coverage law (oracle)", " ".join(sentences), numbers, figure, details)


def _text(estimate: Estimate, decimals: int) -> str:
    interval = "" if estimate.low is None else f" [{estimate.low:,.{decimals}f}, {estimate.high:,.{decimals}f}]"
    return f"{estimate.value:,.{decimals}f}{interval}".replace("-", "−")
