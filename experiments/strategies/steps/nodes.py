"""The tree of partial answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Optional

from ...domain.types import Sample

Aggregation = Literal["last", "min", "max", "mean", "product"]


class Ending(StrEnum):
    """Why a step ended. After SEPARATOR and CAP its path goes on; FAILED leads nowhere; after the others it is an answer."""

    SEPARATOR = "separator"
    CAP = "cap"  # no separator came within the tokens of a step; the next step goes on in mid-text
    END = "end"  # the model ended its answer, or a stop string of the condition did
    ANSWER = "answer"  # the answer is marked as such
    MAX_STEPS = "max_steps"
    MAX_TOKENS = "max_tokens"  # as long as the condition lets an answer become
    FAILED = "failed"


_GOES_ON = (None, Ending.SEPARATOR, Ending.CAP)


@dataclass(frozen=True, eq=False)
class Node:
    """A partial answer: the path from the root, which is empty, to one step. `score` is the verifier's for all of it.

    `text` is what the next step goes on from, the separator included; `n_tokens` counts the tokens written along the path.
    """

    parent: Optional["Node"] = None
    sample: Sample | None = None
    ending: Ending | None = None
    text: str = ""
    n_tokens: int = 0
    depth: int = 0
    score: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether a further step can be written."""
        return self.ending in _GOES_ON

    @property
    def is_finished(self) -> bool:
        """Whether it is an answer."""
        return not self.is_live and self.ending != Ending.FAILED

    @property
    def path(self) -> list["Node"]:
        """From the first step to this one."""
        nodes, node = [], self
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]


def aggregate(scores: Sequence[float | None], how: Aggregation) -> float | None:
    """One score for a path out of its steps' scores; None where one that counts is missing."""
    if how == "last":
        return scores[-1] if scores else None
    if not scores or None in scores:
        return None
    match how:
        case "min":
            return min(scores)
        case "max":
            return max(scores)
        case "mean":
            return math.fsum(scores) / len(scores)
        case "product":
            return math.prod(scores)


def distinct(nodes: Sequence[Node]) -> list[Node]:
    """The nodes without copies, in their order."""
    return list({node.sample.key: node for node in nodes}.values())
