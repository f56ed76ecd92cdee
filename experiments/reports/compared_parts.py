"""Where two compared conditions differ: problem by problem, and part by part of the data."""

from dataclasses import dataclass

import numpy as np

from ..domain.types import HIDDEN
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..studies.wording import describe_difference
from .compared_pairs import Pair
from .comparison import Comparison

#: A problem flipped when one arm gets it right at least this much more often.
FLIP = 0.5
MOST_FLIPS = 100
_SLICES = range(2, 9)
_DIFFICULTY = "difficulty by the other conditions"
_ORDER = {"easy": 0, "middling": 1, "hard": 2}


@dataclass(frozen=True)
class Flip:
    """A problem on which two arms differ; attempts are where its texts stand."""

    problem: str
    question: str
    first: float
    second: float
    first_attempt: int
    second_attempt: int
    identity: str
    pk: int


@dataclass(frozen=True)
class Slice:
    """The difference on a part of the problems."""

    column: str
    value: str
    first: float
    second: float
    difference: Estimate

    @property
    def in_words(self) -> str:
        return describe_difference(self.difference)


def flips(comparison: Comparison, pair: Pair) -> list[Flip]:
    """The problems that changed, those that lost first."""
    first, second = comparison.rows(pair)
    changed = np.flatnonzero(np.abs(second - first) >= FLIP).tolist()
    mine, other = pair.first.attempts_by_problem(), pair.second.attempts_by_problem()
    found = []
    for i in changed:
        identity = comparison.problems[i]
        asked = comparison.asked(identity)
        flip = Flip(asked.key, asked.question, first[i], second[i], mine[identity], other[identity], identity, asked.pk)
        found.append((second[i] - first[i], asked.position, flip))
    return [flip for *_, flip in sorted(found, key=lambda each: each[:2])[:MOST_FLIPS]]


def slices(comparison: Comparison, pair: Pair) -> list[Slice]:
    """By every column of the data with two to eight values, by the length of the question, and by difficulty."""
    first, second = comparison.rows(pair)
    asked = [comparison.asked(problem) for problem in comparison.problems]
    columns = _columns([(each.question, each.metadata) for each in asked]) | _difficulty(comparison, pair)
    found = []
    for column, cells in columns.items():
        for value in dict.fromkeys(sorted(cells, key=_ORDER.get)) if column == _DIFFICULTY else sorted(set(cells)):
            part = np.array([cell == value for cell in cells])
            difference = bootstrap_mean((second - first)[part], comparison.rng)
            found.append(Slice(column, value, float(first[part].mean()), float(second[part].mean()), difference))
    return found


def _difficulty(comparison: Comparison, pair: Pair) -> dict[str, list[str]]:
    """Thirds of the problems by what the arms beside the pair get right; none where there is no other arm.

    By the pair's own answers the difference would look larger where the sorting put it.
    """
    others = [row for arm, row in zip(comparison.arms, comparison.values, strict=True) if arm not in (pair.first, pair.second)]
    if not others:
        return {}
    rates = np.mean(others, axis=0)
    low, high = np.percentile(rates, [100 / 3, 200 / 3])
    if low == high:
        return {}
    return {_DIFFICULTY: ["easy" if rate > high else "hard" if rate <= low else "middling" for rate in rates]}


def _columns(problems: list[tuple[str, dict]]) -> dict[str, list[str]]:
    """Column -> its value for every problem."""
    names = dict.fromkeys(name for _, metadata in problems for name in metadata if name != HIDDEN)
    columns = {name: [str(metadata.get(name, "–")) for _, metadata in problems] for name in names}
    columns = {name: cells for name, cells in columns.items() if len(set(cells)) in _SLICES}
    lengths = [len(question) for question, _ in problems]
    shorter, longer = np.percentile(lengths, [100 / 3, 200 / 3])
    if shorter < longer:
        columns["question"] = ["short" if n <= shorter else "long" if n > longer else "middling" for n in lengths]
    return columns
