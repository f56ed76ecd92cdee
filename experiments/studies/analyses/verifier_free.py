"""Spending tokens with a verifier against spending them without one."""

import numpy as np

from ...statistics.estimates import Estimate
from ...statistics.intervals import Bands, bootstrap_bands, bootstrap_mean, bootstrap_means, estimates, percentile_estimate
from ..wording import describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("verifier_free", label="With and without a verifier")
class VerifierFree(Analysis):
    """Compares best-of-k by the verifier with the majority of the same k, by how varied a problem's right answers are.

    Scaling Test-Time Compute Without Verification or RL is Suboptimal (2025) proves that training with a verifier pulls ahead
    of training without one where right solutions are heterogeneous and rewards are spread out. This is an inference-only
    analogy of that theorem, not a test of it. Per arm: accuracy against tokens H = k · mean tokens, and its slope per doubling
    of H. Heterogeneity of a problem is the standard deviation of the lengths of its right samples; problems are cut into
    thirds by it and the gap, best minus majority at N, is shown for each. Anti-concentration is the share of samples that
    score more than one standard deviation above their problem's mean: near zero, a verifier has little to find.

    It misleads where the verifier costs tokens of its own, which the slopes leave out, and where few problems have two right
    samples, so that the thirds are small.
    """

    needs = frozenset({"scores", "several_samples"})
    axes = Axes(
        "Gain of the verifier by heterogeneity of the right answers",
        "third by heterogeneity (1 = most alike)",
        "best by verifier − majority at N",
        y_range=None,
    )

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        curves = examined.curves("best", "majority")
        gap = curves.at("best", examined.n) - curves.at("majority", examined.n)
        heterogeneity = examined.by_problem(np.array([_spread_of_right(pool) for pool in examined.pools]))
        doublings = np.log2(curves.ks)
        slopes = {name: _slopes(doublings, values) for name, values in curves.values.items()}
        slope_gap = bootstrap_mean(slopes["best"] - slopes["majority"], rng)
        spread = np.concatenate([_standing_out(pool.scores[examined.verifier]) for pool in examined.pools])
        numbers = {
            f"best − majority@{examined.n}": bootstrap_mean(gap, rng),
            "slope per doubling, best": bootstrap_mean(slopes["best"], rng),
            "slope per doubling, majority": bootstrap_mean(slopes["majority"], rng),
            "slope per doubling, best − majority": slope_gap,
        }
        sentence = (
            f"Per doubling of the tokens on {problems(len(gap))}, best by {examined.verifier_in_words} minus majority: "
            f"{describe_difference(slope_gap)}. {np.mean(spread):.0%} of the samples score more than a standard deviation above "
            "their problem's mean."
        )
        thirds = _thirds(heterogeneity)
        if thirds is None:
            return Part(f"{sentence} Too few problems have two right samples to cut them into thirds.", numbers)
        bands = [bootstrap_bands(gap[third, None], rng) for third in thirds]
        trend = _trend(gap, thirds, rng)
        numbers["gap, most varied third − most alike third"] = trend
        sentence += f" The gap in the most varied third minus that in the most alike: {describe_difference(trend)}."
        together = Bands(*(np.concatenate(column) for column in list(zip(*bands, strict=True))[:3]), sum(map(len, thirds)))
        sizes = {"thirds": [len(third) for third in thirds], "gaps": [estimates(band)[0].value for band in bands]}
        return Part(
            f"{sentence} An analogy, not a test of the theorem.", numbers, [banded("gap", (1, 2, 3), together, bars=True)], sizes
        )


def _spread_of_right(pool) -> float:
    """Standard deviation of the right samples' tokens; NaN below two."""
    lengths = pool.tokens[pool.correct]
    return float(lengths.std()) if len(lengths) > 1 else np.nan


def _standing_out(scores: np.ndarray) -> np.ndarray:
    """bool for the scored samples of one problem: more than one standard deviation above the mean."""
    known = scores[~np.isnan(scores)]
    return known > known.mean() + known.std() if len(known) else np.zeros(0, dtype=bool)


def _slopes(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(problems,) least-squares slopes of (problems, len(x)) values."""
    centred = x - x.mean()
    return values @ centred / (centred @ centred)


def _thirds(heterogeneity: np.ndarray) -> list[np.ndarray] | None:
    """Problems by heterogeneity, least first; None where a third would have fewer than two."""
    known = np.flatnonzero(~np.isnan(heterogeneity))
    if len(known) < 6:
        return None
    return np.array_split(known[np.argsort(heterogeneity[known], kind="stable")], 3)


def _trend(gap: np.ndarray, thirds: list[np.ndarray], rng: np.random.Generator) -> Estimate:
    """Two independent groups of problems, each resampled by itself; n is that of the smaller."""
    least, most = gap[thirds[0]], gap[thirds[2]]
    drawn = bootstrap_means(most[:, None], rng)[:, 0] - bootstrap_means(least[:, None], rng)[:, 0]
    return percentile_estimate(float(most.mean() - least.mean()), drawn, min(len(most), len(least)))
