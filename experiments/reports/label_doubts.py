"""What a comparison owes to labels that may be wrong: scores and ranks with and without the problems that were marked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..domain.errors import InvalidInput
from ..models import ProblemMark
from ..statistics.estimates import Estimate
from ..statistics.intervals import wilson
from ..statistics.ranks import RankInterval, ranks_under_wrong_labels
from .arms import Arm
from .comparison import Comparison

#: What may be left out -> the kinds of marks that this drops.
LEFT_OUT = {"": "all problems", "wrong": "without wrong labels", "doubtful": "without wrong and suspect labels"}
_DROPPED = {"": (), "wrong": ("wrong",), "doubtful": ("wrong", "suspect")}


@dataclass(frozen=True)
class Moved:
    """One arm's score and rank on all problems, and on those whose labels nobody doubts."""

    arm: Arm
    before: Estimate
    after: Estimate
    rank_before: int
    rank_after: int


@dataclass(frozen=True)
class LabelDoubts:
    """`error_rate` is over the problems that were looked at. `under_errors` are ranks if unlooked labels were as often wrong."""

    n_wrong: int
    n_suspect: int
    n_fine: int
    error_rate: Estimate
    moved: list[Moved]
    under_errors: list[tuple[Arm, RankInterval]]


def marked(identities: Iterable[str]) -> dict[str, str]:
    """Identity -> the worst that anybody said of it."""
    order = ["fine", "suspect", "wrong"]
    found: dict[str, str] = {}
    wanted = set(identities)
    for identity, kind in ProblemMark.objects.values_list("identity", "kind"):
        if identity in wanted:
            found[identity] = max(found.get(identity, "fine"), kind, key=order.index)
    return found


def left_out(arms: Iterable[Arm], choice: str) -> frozenset[str]:
    """Identities of the problems that do not count."""
    if choice not in LEFT_OUT:
        raise InvalidInput(f"There is no choice of labels “{choice}”. Choose one of {', '.join(filter(None, LEFT_OUT))}.")
    if not choice:
        return frozenset()
    marks = marked(problem for arm in arms for problem in arm.data.problems)
    return frozenset(identity for identity, kind in marks.items() if kind in _DROPPED[choice])


def label_doubts(comparison: Comparison) -> LabelDoubts | None:
    """None where none of the compared problems was marked."""
    marks = marked([*comparison.problems, *comparison.wanted.leave_out])
    if not marks:
        return None
    everything = Comparison(comparison.arms, replace(comparison.wanted, leave_out=frozenset()))
    kinds = list(marks.values())
    n_wrong, n_suspect = kinds.count("wrong"), kinds.count("suspect")
    doubted = frozenset(identity for identity, kind in marks.items() if kind != "fine")
    if len(doubted) >= len(everything.problems):
        without = everything
    else:
        without = Comparison(comparison.arms, replace(comparison.wanted, leave_out=doubted)) if doubted else everything
    rate = wilson(n_wrong, len(kinds))
    return LabelDoubts(n_wrong, n_suspect, kinds.count("fine"), rate, _moved(everything, without), _simulated(everything, marks))


def _moved(before: Comparison, after: Comparison) -> list[Moved]:
    later = {result.arm: result for result in after.results}
    return [
        Moved(
            result.arm,
            result.value,
            later[result.arm].value,
            result.rank.rank if result.rank else 1,
            later[result.arm].rank.rank if later[result.arm].rank else 1,
        )
        for result in before.results
    ]


def _simulated(comparison: Comparison, marks: dict[str, str]) -> list[tuple[Arm, RankInterval]]:
    """Ranks if labels were wrong at the rate found; where one is, an arm's verdict turns over half the time."""
    error_rate = sum(kind == "wrong" for kind in marks.values()) / len(marks)
    flips = np.full(len(comparison.arms), 0.5)
    found = ranks_under_wrong_labels(comparison.values.T, error_rate, flips, comparison.rng)
    return list(zip(comparison.arms, found, strict=True))
