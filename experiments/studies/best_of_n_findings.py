"""What Best of N says: sentences, estimates and figures out of measured curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..statistics.coverage_fit import NoFit, fit_coverage, fit_intervals
from ..statistics.curves import Curves, selector_curves
from ..statistics.estimates import Estimate
from ..statistics.intervals import Bands, bootstrap_bands, bootstrap_mean, estimates
from .base import ConditionPools, Figure, Finding, Series
from .wording import describe_difference, is_clear, problems

#: The law is called good when it explains this share of the variance of log coverage.
GOOD_FIT = 0.98


@dataclass(frozen=True, eq=False)
class Measured:
    """One condition's curves with their bands by selector; `n_answers` counts the samples with an answer, of `n_samples`."""

    key: str
    label: str
    curves: Curves
    bands: dict[str, Bands]
    n_samples: int
    n_answers: int

    @classmethod
    def of(cls, condition: ConditionPools, ks: tuple[int, ...], verifier: str, seed: int, rng: np.random.Generator) -> "Measured":
        """A verifier that scored no sample of the condition is left out of the curves."""
        scored = any(np.isfinite(pool.scores[verifier]).any() for pool in condition.pools if verifier in pool.scores)
        everywhere = all(verifier in pool.scores for pool in condition.pools)
        curves = selector_curves(condition.pools, ks, verifier if scored and everywhere else None, seed)
        # One resampling for all selectors, so that their bands move together.
        together = bootstrap_bands(np.hstack(list(curves.values.values())), rng)
        width = len(ks)
        columns = {selector: slice(i * width, (i + 1) * width) for i, selector in enumerate(curves.values)}
        bands = {
            selector: Bands(
                together.mean[part],
                None if together.low is None else together.low[part],
                None if together.high is None else together.high[part],
                together.n,
            )
            for selector, part in columns.items()
        }
        n_answers = sum(int((pool.answers >= 0).sum()) for pool in condition.pools)
        return cls(condition.key, condition.label, curves, bands, sum(pool.n for pool in condition.pools), n_answers)

    @property
    def n(self) -> int:
        return self.curves.ks[-1]

    @property
    def n_problems(self) -> int:
        return len(self.curves.problems)

    def estimate(self, selector: str, k: int) -> Estimate:
        return estimates(self.bands[selector])[self.curves.ks.index(k)]

    def gains(self, rng: np.random.Generator) -> dict[str, Estimate]:
        """Of every selector at N over a single sample, paired by problem."""
        selectors = [selector for selector in self.bands if selector != "mean"]
        single = self.curves.at("mean", self.n)
        differences = np.column_stack([self.curves.at(selector, self.n) - single for selector in selectors])
        return dict(zip(selectors, estimates(bootstrap_bands(differences, rng)), strict=True))


def nothing_yet() -> Finding:
    return Finding("headline", "Best of N", "No problem has all its samples yet, so there is nothing to compare.")


def headline(measured: Sequence[Measured], verifier: str, rng: np.random.Generator) -> Finding:
    """Selecting against not selecting, in one or two sentences per condition."""
    numbers: dict[str, Estimate] = {}
    sentences = []
    for condition in measured:
        prefix = f"{condition.label}: " if len(measured) > 1 else ""
        sentences.append(prefix + _headline_of(condition, verifier, numbers, prefix, rng))
    return Finding("headline", "Best of N", " ".join(sentences), numbers)


def _headline_of(condition: Measured, verifier: str, numbers: dict[str, Estimate], prefix: str, rng: np.random.Generator) -> str:
    n, count = condition.n, problems(condition.n_problems)
    single = numbers[f"{prefix}mean@1"] = condition.estimate("mean", 1)
    if not condition.n_answers:
        return (
            f"No answer was found in any of the {condition.n_samples:,} samples of {count}: "
            "look at the texts and at the grader's options."
        )
    if n == 1:
        interval = "" if single.low is None else f" [{single.low:.2f}, {single.high:.2f}]"
        return f"A single sample answers {single.value:.2f}{interval} of {count}; with N = 1 there is nothing to select from."
    gains = condition.gains(rng)
    for selector, gain in gains.items():
        name = f"{prefix}{selector_name(selector, verifier)}@{n}"
        numbers |= {name: condition.estimate(selector, n), f"{name} − mean@1": gain}
    first = "best" if "best" in gains else "majority"
    title = f"Best of {n} by {_words(verifier)}" if first == "best" else f"Majority of {n}"
    sentence = (
        f"{title} answers {condition.estimate(first, n).value:.2f} of the problems, a single sample {single.value:.2f}: "
        f"difference {describe_difference(gains[first])}, paired over {count}."
    )
    if first == "best":
        sentence += f" Majority of {n}: {describe_difference(gains['majority'])}."
    else:
        sentence += f" No sample has a score by {_words(verifier)}, so its curves are missing."
    return f"{sentence} At least one of {n} is right for {condition.estimate('oracle', n).value:.2f} (oracle)."


def curves_finding(measured: Sequence[Measured], verifier: str) -> Finding:
    """Accuracy against k, one line per selector and condition."""
    n = max(condition.n_problems for condition in measured)
    series = [
        Series(
            name=selector_name(selector, verifier)
            if len(measured) == 1
            else f"{condition.label}: {selector_name(selector, verifier)}",
            x=list(condition.curves.ks),
            y=bands.mean.tolist(),
            low=None if bands.low is None else bands.low.tolist(),
            high=None if bands.high is None else bands.high.tolist(),
            n=bands.n,
        )
        for condition in measured
        for selector, bands in condition.bands.items()
    ]
    figure = Figure(
        f"Accuracy against k, {problems(n)}", "samples per problem (k)", "share of problems answered", series, x_log=True
    )
    largest = max(condition.n for condition in measured)
    sentence = (
        f"Accuracy on 1 to {largest} of each problem's samples under every selector; the bands are 95% intervals over problems. "
        "The oracle knows the answers: no selector can do better."
    )
    return Finding("curves", "Accuracy against k", sentence, figure=figure)


def pairs_finding(measured: Sequence[Measured], verifier: str, rng: np.random.Generator) -> Finding:
    """Every two conditions on the problems they share: a single sample, and the selectors at N."""
    numbers: dict[str, Estimate] = {}
    clear = []
    for first, second in combinations(measured, 2):
        for selector in ("mean", "majority", "best", "oracle"):
            if selector in first.bands and selector in second.bands:
                k = "1" if selector == "mean" else str(first.n) if first.n == second.n else "N"
                name = f"{first.label} − {second.label}: {selector_name(selector, verifier)}@{k}"
                numbers[name] = bootstrap_mean(_paired_at_n(first, second, selector), rng)
                if is_clear(numbers[name]):
                    clear.append(f"{name} {describe_difference(numbers[name])}")
    shown = "; ".join(clear) if clear else "none is a clear difference"
    sentence = (
        f"{len(numbers)} paired comparisons of {len(measured)} conditions: {shown}. "
        "The intervals are not corrected for the number of comparisons."
    )
    return Finding("pairs", "Conditions compared", sentence, numbers, details={"comparisons": len(numbers)})


def _paired_at_n(first: Measured, second: Measured, selector: str) -> np.ndarray:
    """Differences on the problems that both have, each condition at its own N."""
    other = dict(zip(second.curves.problems, second.curves.at(selector, second.n), strict=True))
    mine = zip(first.curves.problems, first.curves.at(selector, first.n), strict=True)
    return np.array([value - other[problem] for problem, value in mine if problem in other])


def coverage_finding(measured: Sequence[Measured], rng: np.random.Generator) -> Finding:
    """The power law of coverage with how well it fits."""
    numbers: dict[str, Estimate] = {}
    details: dict[str, dict] = {}
    sentences, series = [], []
    for condition in measured:
        prefix = f"{condition.label}: " if len(measured) > 1 else ""
        ks, oracle = condition.curves.ks, condition.bands["oracle"]
        series.append(
            Series(
                f"{prefix}oracle (pass@k)",
                list(ks),
                oracle.mean.tolist(),
                None if oracle.low is None else oracle.low.tolist(),
                None if oracle.high is None else oracle.high.tolist(),
                oracle.n,
            )
        )
        fit = fit_coverage(ks, oracle.mean)
        if isinstance(fit, NoFit):
            sentences.append(f"{prefix}No power law was fitted to coverage: {fit.reason}.")
            continue
        columns = [ks.index(k) for k in fit.ks]
        a, b = fit_intervals(fit.ks, condition.curves.values["oracle"][:, columns], fit, rng)
        numbers |= {f"{prefix}a": a, f"{prefix}b": b}
        details[condition.key] = {
            "r_squared": fit.r_squared,
            "rmse": fit.rmse,
            "ks": list(fit.ks),
            "residuals": list(fit.residuals),
        }
        series.append(Series(f"{prefix}fit", list(fit.ks), fit.coverage(fit.ks).tolist(), n=oracle.n, dashed=True, markers=False))
        quality = "fits well" if fit.r_squared >= GOOD_FIT else "fits poorly"
        sentences.append(
            f"{prefix}Oracle coverage exp(a k^b) with a = {_parameter(a)}, b = {_parameter(b)} {quality}: "
            f"R² {fit.r_squared:.3f} on log coverage over {len(fit.ks)} points, "
            f"largest residual {max(map(abs, fit.residuals)):.3f}."
        )
    figure = Figure(
        "Coverage and its power law (oracle)", "samples per problem (k)", "share with a right answer", series, x_log=True
    )
    return Finding("coverage", "Coverage law (oracle)", " ".join(sentences), numbers, figure, details)


def selector_name(selector: str, verifier: str) -> str:
    """As legends, estimates and exports call it."""
    names = {
        "oracle": "oracle (pass@k)",
        "best": f"best by {_words(verifier)}",
        "weighted": f"weighted by {_words(verifier)}",
        "mean": "mean (no selection)",
    }
    return names.get(selector, selector)


def _words(verifier: str) -> str:
    return verifier.replace("_", " ")


def _parameter(estimate: Estimate) -> str:
    interval = "" if estimate.low is None else f" [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{interval}".replace("-", "−")
