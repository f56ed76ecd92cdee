"""Where two compared conditions differ: problem by problem, and part by part of the data."""

from dataclasses import dataclass

import numpy as np

from ..domain.types import HIDDEN
from ..models import Problem
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..studies.wording import describe_difference
from .comparison import Comparison, Pair

#: A problem flipped when one arm gets it right at least this much more often.
FLIP = 0.5
MOST_FLIPS = 100
_SLICES = range(2, 9)


@dataclass(frozen=True)
class Flip:
    """A problem on which two arms differ; attempts are where its texts stand."""

    problem: str
    question: str
    first: float
    second: float
    first_attempt: int
    second_attempt: int


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
    rows = Problem.objects.filter(attempt__in=[mine[comparison.problems[i]] for i in changed])
    known = {attempt: rest for attempt, *rest in rows.values_list("attempt", "position", "key", "question")}
    found = []
    for i in changed:
        attempt, other_attempt = mine[comparison.problems[i]], other[comparison.problems[i]]
        position, key, question = known[attempt]
        found.append((second[i] - first[i], position, Flip(key, question, first[i], second[i], attempt, other_attempt)))
    return [flip for *_, flip in sorted(found, key=lambda each: each[:2])[:MOST_FLIPS]]


def slices(comparison: Comparison, pair: Pair) -> list[Slice]:
    """By every column of the data with two to eight values, and by the length of the question."""
    first, second = comparison.rows(pair)
    attempts = pair.first.attempts_by_problem()
    rows = Problem.objects.filter(attempt__in=[attempts[problem] for problem in comparison.problems])
    known = {attempt: (question, metadata) for attempt, question, metadata in rows.values_list("attempt", "question", "metadata")}
    columns = _columns([known[attempts[problem]] for problem in comparison.problems])
    found = []
    for column, cells in columns.items():
        for value in sorted(set(cells)):
            part = np.array([cell == value for cell in cells])
            difference = bootstrap_mean((second - first)[part], comparison.rng)
            found.append(Slice(column, value, float(first[part].mean()), float(second[part].mean()), difference))
    return found


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
