"""Whether confidences match how often the answers are right."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from ...statistics.calibration import ace, auroc, brier, log_loss, reliability
from ...statistics.estimates import Estimate
from ...statistics.intervals import Bands, bootstrap_means, percentile_estimate
from ...statistics.pools import Pool, offered
from ...statistics.ratios import ratio_bands
from ...statistics.selectors.perplexity_consistency import class_probabilities, path_probabilities
from ...statistics.selectors.rpc import FEWEST, is_pruned
from ...statistics.temperature_scaling import fit_temperature, scaled
from ..base import Series
from ..wording import describe, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@dataclass(frozen=True, eq=False)
class _Claims:
    """Confidences in [0, 1] with what came true, and (claims,) which problem each is about."""

    name: str
    confidence: np.ndarray
    correct: np.ndarray
    problem: np.ndarray


@analyses.register("calibration", label="Calibration")
class Calibration(Analysis):
    """Compares the confidence of a vote, and scores that claim to be probabilities, with how often the answers are right.

    Language Models (Mostly) Know What They Know (2022) and the measures around it. Confidences: the winner's share of the
    votes, its share of the probability (perplexity consistency, and after pruning), and every verifier's scores of all
    samples where they lie between 0 and 1, such as P(True). ECE is the mean gap between confidence and accuracy over
    equal-width bins (low, high], weighted by what they hold; ACE the mean gap of groups of equal size; MCE the largest gap;
    Brier the mean squared difference; NLL the mean −log probability. A temperature fitted on a random half of the problems is
    judged on the other half. Intervals resample problems.

    The diagram draws each bin at its middle. ECE is biased upward where bins hold few: see the n, and the ACE. Empty bins are
    left out. A vote's share over few samples takes few values, so its diagram has few points.
    """

    bins: int = Field(10, ge=2, le=50, title="Bins", description="Of confidence, equally wide")

    axes = Axes("Reliability: share correct against confidence", "confidence", "share correct")

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        sentences, numbers, details = [], {}, {}
        middles = ((np.arange(self.bins) + 0.5) / self.bins).tolist()
        series = [Series("perfectly calibrated", middles, middles, dashed=True, markers=False)]
        for claims in _all_claims(examined, rng):
            ece, bands = self._reliability(claims, rng)
            diagram = reliability(claims.confidence, claims.correct, self.bins)
            further = {
                "ace": ace(claims.confidence, claims.correct, self.bins),
                "mce": diagram.mce,
                "rmsce": diagram.rmsce,
                "ece_of_centres": diagram.ece_of_centres,
                "brier": brier(claims.confidence, claims.correct),
                "nll": log_loss(claims.confidence, claims.correct),
                "auroc": auroc(claims.confidence, claims.correct),
                **self._rescaled(claims, rng),
            }
            numbers[f"ECE, {claims.name}"] = ece
            details[claims.name] = further
            lean = "over" if claims.confidence.mean() > claims.correct.mean() else "under"
            text = f"{claims.name}: ECE {describe(ece)}, {lean}confident on average, Brier {further['brier']:.3f}"
            if "ece_after" in further:
                text += (
                    f", on held-out problems ECE {further['ece_before']:.2f} before and {further['ece_after']:.2f} after "
                    f"temperature {further['temperature']:.2f}"
                )
            sentences.append(text)
            series.append(banded(claims.name, middles, bands, bars=True))
        if not sentences:
            return Part("Not computed: no sample has an answer.")
        n = problems(len(examined.problems))
        return Part(f"Over {n}, {self.bins} bins. {'. '.join(sentences)}.", numbers, series, details)

    def _reliability(self, claims: _Claims, rng: np.random.Generator) -> tuple[Estimate, Bands]:
        """ECE and accuracy by bin, NaN where a bin is empty."""
        at = np.clip(np.ceil(claims.confidence * self.bins - 1e-9).astype(int) - 1, 0, self.bins - 1)
        counts, confidence, correct = np.zeros((3, claims.problem.max() + 1, self.bins))
        for table, amounts in ((counts, 1.0), (confidence, claims.confidence), (correct, claims.correct)):
            np.add.at(table, (claims.problem, at), amounts)
        n = len(counts)

        def ece(tables: np.ndarray) -> np.ndarray:
            count, sure, right = np.split(tables, 3, axis=1)
            return np.abs(right - sure).sum(axis=1) / count.sum(axis=1)

        together = np.hstack([counts, confidence, correct])
        drawn = ece(bootstrap_means(together, rng)) if n > 1 else None
        estimate = percentile_estimate(float(ece(together.sum(axis=0, keepdims=True))[0]), drawn, n)
        return estimate, ratio_bands(correct, counts, rng)

    def _rescaled(self, claims: _Claims, rng: np.random.Generator) -> dict[str, float]:
        """ECE on one half of the problems before and after the temperature of the other half."""
        order = rng.permutation(claims.problem.max() + 1)
        fitted = np.isin(claims.problem, order[: len(order) // 2])
        if len(order) < 4 or len(np.unique(claims.correct[fitted])) < 2:
            return {}
        temperature = fit_temperature(claims.confidence[fitted], claims.correct[fitted])
        confidence, correct = claims.confidence[~fitted], claims.correct[~fitted]
        return {
            "temperature": temperature,
            "ece_before": reliability(confidence, correct, self.bins).ece,
            "ece_after": reliability(scaled(confidence, temperature), correct, self.bins).ece,
        }


def _all_claims(examined: Examined, rng: np.random.Generator) -> list[_Claims]:
    """Every confidence that the pools are enough for."""
    pools = examined.pools
    _, problem = np.unique([pool.problem for pool in pools], return_inverse=True)
    weighings = {"majority": [np.ones(pool.n) for pool in pools]}
    if "logprobs" in examined.offers:
        p = [path_probabilities(pool) for pool in pools]
        weighings["perplexity consistency"] = p
        if min(pool.n for pool in pools) >= FEWEST:
            weighings["RPC"] = _surviving(p)
    found = []
    for name, weights in weighings.items():
        votes = [_winner(pool, each, name != "majority", rng) for pool, each in zip(pools, weights, strict=True)]
        known = [i for i, vote in enumerate(votes) if vote is not None]
        if known:
            confidence, correct = np.array([votes[i] for i in known], dtype=float).T
            found.append(_Claims(name, confidence, correct, np.unique(problem[known], return_inverse=True)[1]))
    correct = np.concatenate([pool.correct for pool in pools]).astype(float)
    of_problem = np.repeat(problem, [pool.n for pool in pools])
    for verifier in pools[0].scores:
        if "weights" in offered(pools, verifier):
            scores = np.concatenate([pool.scores[verifier] for pool in pools])
            scored = ~np.isnan(scores)
            numbered = np.unique(of_problem[scored], return_inverse=True)[1]
            found.append(_Claims(verifier.replace("_", " "), scores[scored], correct[scored], numbered))
    return found


def _surviving(p: list[np.ndarray]) -> list[np.ndarray]:
    """Path probabilities with those of pruned paths set to 0; pools of one size are fitted together."""
    found = list(p)
    for n in {len(each) for each in p}:
        of_size = [i for i, each in enumerate(p) if len(each) == n]
        together = np.stack([p[i] for i in of_size])
        for i, kept in zip(of_size, together * ~is_pruned(together), strict=True):
            found[i] = kept
    return found


def _winner(pool: Pool, weights: np.ndarray, distinct: bool, rng: np.random.Generator) -> tuple[float, float] | None:
    """(its share of the vote, whether it is right) for the answer with the largest total, one of them at random if tied."""
    if distinct:
        answers, shares = class_probabilities(pool, weights)
    else:
        answers, votes = np.unique(pool.answers[pool.answers >= 0], return_counts=True)
        shares = votes / max(1, votes.sum())
    if not len(answers):
        return None
    chosen = rng.choice(np.flatnonzero(shares >= shares.max() * (1 - 1e-9)))
    return float(shares[chosen]), float(pool.correct[pool.answers == answers[chosen]].mean())
