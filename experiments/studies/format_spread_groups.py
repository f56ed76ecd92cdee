"""The conditions of a format study as formats by problems: same language model, same variant, another format."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .base import ConditionPools

#: A format that has this share of what the fullest one has counts as asked; the few problems it lacks are left out for all.
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Group:
    """The formats of one language model and variant, by key.

    `right` and `other` are format -> problem -> share of its answers. `prefix` tells it from other groups: "label: ", or
    nothing where it is alone. For searches: `ended` are the problems that each was asked and has done with, and the search
    `has_begun` once formats beside the original are asked for.
    """

    key: str
    name: str
    prefix: str
    right: dict[str, dict[str, float]]
    other: dict[str, dict[str, float]]
    ended: dict[str, frozenset[str]]
    has_begun: bool

    def finished(self, keys: Collection[str]) -> tuple[list[str], list[str]]:
        """(those of the formats that have been asked nearly everything, the problems that all of them have)."""
        most = max((len(found) for found in self.right.values()), default=0)
        full = [key for key in keys if most and len(self.right.get(key, ())) >= _NEARLY_ALL * most]
        shared = set.intersection(*(set(self.right[key]) for key in full)) if full else set()
        return full, sorted(shared)

    def matrix(self, keys: Sequence[str], problems: Sequence[str]) -> np.ndarray:
        """(formats, problems) shares right."""
        return np.array([[self.right[key][problem] for problem in problems] for key in keys])


def grouped(conditions: Sequence[ConditionPools]) -> list[Group]:
    """Conditions by the part of their key before the format, in the order of the design."""
    found: dict[str, dict[str, ConditionPools]] = {}
    for condition in conditions:
        base, _, key = condition.key.rpartition("-")
        found.setdefault(base, {})[key] = condition
    return [_group(base, by_format, len(found) == 1) for base, by_format in found.items()]


def _group(base: str, conditions: dict[str, ConditionPools], is_only: bool) -> Group:
    first = next(iter(conditions.values()))
    name = "accuracy" if is_only else first.label.rpartition(", ")[0]
    right, other = {}, {}
    for key, condition in conditions.items():
        flags: dict[str, list[tuple[float, float]]] = {}
        for pool in condition.pools:
            if pool.n:
                kinds = [each.get("kind") == "other" for each in pool.grading or [{}] * pool.n]
                flags.setdefault(pool.problem, []).append((float(pool.correct.mean()), float(np.mean(kinds))))
        means = {problem: np.mean(each, axis=0).tolist() for problem, each in flags.items()}
        right[key] = {problem: mean[0] for problem, mean in means.items()}
        other[key] = {problem: mean[1] for problem, mean in means.items()}
    ended = {key: condition.ended for key, condition in conditions.items()}
    has_begun = any(condition.attempts_planned for condition in list(conditions.values())[1:])
    return Group(base, name, "" if is_only else f"{name}: ", right, other, ended, has_begun)
