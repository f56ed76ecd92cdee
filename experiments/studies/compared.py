"""Conditions that differ in one thing, put side by side problem by problem: same language model, same variant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.pools import Pool
from .base import AttemptOutcome, ConditionPools, Setting

#: What is measured on one attempt.
Measure = Callable[[Pool, AttemptOutcome], float]


def accuracy(pool: Pool, outcome: AttemptOutcome) -> float:
    return float(pool.correct.mean()) if pool.n else 0.0


def tokens(pool: Pool, outcome: AttemptOutcome) -> float:
    """Written for one answer, the texts that led to it included."""
    return outcome.cost.completion_tokens / max(pool.n, 1)


def truncated(pool: Pool, outcome: AttemptOutcome) -> float:
    return float(pool.truncated.mean()) if pool.n else 0.0


def steps(pool: Pool, outcome: AttemptOutcome) -> float:
    return float(pool.steps.mean()) if pool.n else 0.0


@dataclass(frozen=True)
class Compared:
    """The conditions of one language model and variant, by the last part of their keys.

    `prefix` tells it from others: "label: ", or nothing where it is alone. `labels` are in the order of the design.
    """

    prefix: str
    labels: Mapping[str, str]
    conditions: Mapping[str, ConditionPools]

    @property
    def setting(self) -> Setting | None:
        return next(iter(self.conditions.values())).setting

    def begun(self) -> list[str]:
        """Conditions with a finished problem, in the order of the design."""
        return [key for key in self.labels if key in self.conditions and self.conditions[key].pools]

    def shared(self, *keys: str) -> list[str]:
        """Problems that have ended under all of these conditions."""
        found = ({pool.problem for pool in self.conditions[key].pools} if key in self.conditions else set() for key in keys)
        return sorted(set.intersection(*found))

    def by_problem(self, key: str, problems: Sequence[str], measure: Measure) -> np.ndarray:
        """(problems,) means over repeats."""
        condition, values = self.conditions[key], {}
        for pool, outcome in zip(condition.pools, condition.outcomes, strict=True):
            values.setdefault(pool.problem, []).append(measure(pool, outcome))
        return np.array([np.mean(values[problem]) for problem in problems])


def compared(conditions: Sequence[ConditionPools], labels: Mapping[str, str]) -> list[Compared]:
    """`labels` are those of the last parts of the keys, as in model1-variant1-direct."""
    found: dict[str, dict[str, ConditionPools]] = {}
    for condition in conditions:
        base, _, key = condition.key.rpartition("-")
        found.setdefault(base, {})[key] = condition
    return [Compared(_prefix(group, len(found) == 1), labels, group) for group in found.values()]


def _prefix(group: Mapping[str, ConditionPools], is_only: bool) -> str:
    """What the labels of its conditions begin with."""
    return "" if is_only else f"{next(iter(group.values())).label.rpartition(', ')[0]}: "


def label_of(language_models: Sequence[str], variants: Sequence[str], language_model: str, variant: str, own: str) -> str:
    """A condition's label: model and variant only where there are several of them, then what is its own."""
    parts = [*([language_model] * (len(language_models) > 1)), *([variant] * (len(variants) > 1)), own]
    return ", ".join(parts)[:300]
