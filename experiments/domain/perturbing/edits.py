"""How a perturbation is put together: which of the places that could change do, and what became of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .protection import is_inside


class Edit(NamedTuple):
    """`before` became `after`; either may be empty."""

    operation: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return self.operation.replace("_", " ")


class Perturbed(NamedTuple):
    """A text and how it came to be, in the order of the places."""

    text: str
    edits: tuple[Edit, ...]


class Change(NamedTuple):
    """text[start:end] may become `after`."""

    start: int
    end: int
    after: str


def n_wanted(rate: float, n_eligible: int) -> int:
    """The share of what is eligible, rounded, and at least one where any is asked for; none at rate 0."""
    return max(1, round(rate * n_eligible)) if rate > 0 and n_eligible else 0


def changed(text: str, operation: str, possible: Sequence[Change], n: int, rng: np.random.Generator) -> Perturbed:
    """The text after `n` of the changes, chosen at random, or as many as there are that do not meet one another."""
    chosen: list[Change] = []
    for place in rng.permutation(len(possible)).tolist():
        if len(chosen) == n:
            break
        change = possible[place]
        if not is_inside((change.start, change.end), [(other.start, other.end) for other in chosen]):
            chosen.append(change)
    chosen.sort()
    parts, end = [], 0
    for change in chosen:
        parts += [text[end : change.start], change.after]
        end = change.end
    edits = tuple(Edit(operation, text[change.start : change.end], change.after) for change in chosen)
    return Perturbed("".join([*parts, text[end:]]), edits)
