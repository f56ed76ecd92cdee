"""What a study of compression measures: one cell for each model, concept and level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.concept_rules import length_compliance, place_of
from ..statistics.pools import Pool
from .base import ConditionPools

#: Axis -> the name of its judges.
JUDGES = {"scope": "concept_scope", "accuracy": "concept_accuracy", "completeness": "concept_completeness"}
FEWEST_JUDGES = 3


@dataclass(frozen=True)
class Cell:
    """Means over samples, and over judges where there is a jury; an axis without one is None. Shares are from 0 to 1.

    `compliance` is the mean of keeping to the length and, with a jury, of staying inside the text.
    """

    model: str
    concept: str
    level: float
    words: float
    length: float
    scope: float | None
    accuracy: float | None
    completeness: float | None

    @property
    def compliance(self) -> float:
        return self.length if self.scope is None else (self.length + self.scope) / 2


def cells_of(condition: ConditionPools) -> list[Cell]:
    """Of the problems that are about a concept, repeats together."""
    by_place: dict[tuple[str, float], list[Pool]] = {}
    for pool in condition.pools:
        place = place_of(pool.problem)
        if place and pool.n:
            by_place.setdefault(place, []).append(pool)
    return [
        Cell(
            condition.label,
            concept,
            level,
            float(np.mean(words := np.concatenate([pool.words for pool in pools]))),
            float(np.mean([length_compliance(each, level) for each in words])),
            *(_jury_mean(pools, axis) for axis in JUDGES),
        )
        for (concept, level), pools in sorted(by_place.items())
    ]


def appointed(pools: Sequence[Pool], axis: str) -> list[str]:
    """The judges of an axis, by their stored names."""
    name = JUDGES[axis]
    return sorted({key for pool in pools for key in pool.scores if key == name or key.startswith(f"{name}-")})


def judges_of(pools: Sequence[Pool], axis: str) -> list[str]:
    """Those whose judgement of some sample could be read."""
    known = appointed(pools, axis)
    return [key for key in known if any(np.isfinite(pool.scores.get(key, np.nan)).any() for pool in pools)]


def _jury_mean(pools: Sequence[Pool], axis: str) -> float | None:
    scores = [pool.scores[key] for pool in pools for key in judges_of(pools, axis) if key in pool.scores]
    known = np.concatenate(scores) if scores else np.array([])
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else None
