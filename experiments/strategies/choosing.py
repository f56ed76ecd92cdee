"""One answer out of several, without the truth: what the selectors do to a pool, done by a strategy that hands one in."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ..domain.lab import Lab
from ..domain.types import Sample

Choice = Literal["weighted_vote", "highest_score", "majority"]

# Sums of weights in another order may differ in their last digits; such a tie is a tie.
_TIE = 1e-9


class Candidate(NamedTuple):
    """A finished answer and its score, None where it has none."""

    sample: Sample
    score: float | None


async def choose(
    choice: Choice, candidates: Sequence[Candidate], lab: Lab, rng: np.random.Generator
) -> tuple[Sample | None, str]:
    """The chosen answer, or None where there is nothing to choose, and what it was chosen by."""
    if not candidates:
        return None, "no answer was finished"
    if choice == "highest_score":
        return highest(candidates, rng).sample, "highest score"
    answers = await asyncio.gather(*(lab.answer_of(candidate.sample) for candidate in candidates))
    weights = min_max([candidate.score for candidate in candidates]) if choice == "weighted_vote" else [1.0] * len(answers)
    winner = vote(answers, weights, rng)
    if winner is None:
        return None, "no answer could be read"
    members = [candidate for candidate, answer in zip(candidates, answers, strict=True) if answer == winner]
    return highest(members, rng).sample, choice.replace("_", " ")


def highest(candidates: Sequence[Candidate], rng: np.random.Generator) -> Candidate:
    """The one with the highest score; one without a score ranks below all that have one. Ties are broken by `rng`."""
    scores = [-math.inf if candidate.score is None else candidate.score for candidate in candidates]
    return _draw([candidate for candidate, score in zip(candidates, scores, strict=True) if score == max(scores)], rng)


def vote(answers: Sequence[str | None], weights: Sequence[float], rng: np.random.Generator) -> str | None:
    """The answer with the largest summed weight, ties broken by `rng`; None where nothing has an answer."""
    totals: dict[str, float] = defaultdict(float)
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            totals[answer] += weight
    if not totals:
        return None
    most = max(totals.values())
    return _draw([answer for answer, total in totals.items() if total >= most - _TIE], rng)


def min_max(scores: Sequence[float | None]) -> list[float]:
    """Weights between 0 and 1 out of any scores, as the selector of the same name: the lowest weighs nothing.

    Equal scores weigh 1; a missing one weighs nothing, unless all are missing: then each weighs 1.
    """
    known = [score for score in scores if score is not None]
    if not known:
        return [1.0] * len(scores)
    low, spread = min(known), max(known) - min(known)
    return [0.0 if score is None else (score - low) / spread if spread else 1.0 for score in scores]


def _draw(best: Sequence, rng: np.random.Generator):
    return best[0] if len(best) == 1 else best[int(rng.integers(len(best)))]
