"""Verdicts on prompts of several problems, sorted by problem and position."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .base import ConditionPools
from .compared import Compared, compared


@dataclass(frozen=True)
class Level:
    """One condition. `verdicts` are problem -> position from 0 -> those of all samples; `tokens` are problem -> written in the
    prompts that it is the last of, for each problem in it."""

    n: int
    verdicts: Mapping[str, Mapping[int, list[str]]]
    tokens: Mapping[str, float]

    def complete(self) -> set[str]:
        """Problems that have stood at every position."""
        return {problem for problem, places in self.verdicts.items() if len(places) == self.n}

    def share(self, problems: Sequence[str], verdict: str) -> np.ndarray:
        """(problems, positions): how often each came out so."""
        return np.array(
            [[np.mean([each == verdict for each in self.verdicts[p][k]]) for k in range(self.n)] for p in problems], dtype=float
        ).reshape(len(problems), self.n)


@dataclass(frozen=True)
class RestGroup:
    """The levels of one language model and variant, by the last part of their keys."""

    prefix: str
    labels: Mapping[str, str]
    levels: Mapping[str, Level]

    def shared(self, *keys: str) -> list[str]:
        """Problems that have stood at every position under all of these conditions."""
        found = (self.levels[key].complete() if key in self.levels else set() for key in keys)
        return sorted(set.intersection(*found))

    def begun(self) -> list[str]:
        return [key for key in self.labels if key in self.levels and self.levels[key].complete()]

    def right(self, key: str, problems: Sequence[str]) -> np.ndarray:
        """(problems,) means over positions."""
        return self.levels[key].share(problems, "correct").mean(axis=1)


def rest_groups(conditions: Sequence[ConditionPools], labels: Mapping[str, str]) -> list[RestGroup]:
    return [_group(group) for group in compared(conditions, labels)]


def _group(group: Compared) -> RestGroup:
    return RestGroup(group.prefix, group.labels, {key: _level(each) for key, each in group.conditions.items()})


def _level(condition: ConditionPools) -> Level:
    verdicts: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    tokens: dict[str, list[float]] = defaultdict(list)
    n = 0
    for pool in condition.pools:
        for grading, written in zip(pool.grading, pool.tokens, strict=True):
            parts = grading.get("parts", ())  # a sample that failed has none
            n = max(n, len(parts))
            for position, (problem, verdict) in enumerate(zip(grading.get("problems", ()), parts, strict=True)):
                verdicts[problem][position].append(verdict)
            if parts:
                tokens[pool.problem].append(written / len(parts))
    return Level(n, verdicts, {problem: float(np.mean(each)) for problem, each in tokens.items()})
