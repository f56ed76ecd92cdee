"""The conditions of a brevity study as arms of one comparison: same language model, same variant, another limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.item_classes import halves
from ..statistics.pools import Pool
from .base import ConditionPools, Setting


@dataclass(frozen=True)
class Arm:
    """`most` and `unit` are the length asked for, None where none is."""

    key: str
    label: str
    most: int | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Group:
    """The arms of one language model and variant. `prefix` tells it from others: "label: ", or nothing where it is alone."""

    prefix: str
    arms: tuple[Arm, ...]
    pools: dict[str, dict[str, list[Pool]]]  # arm -> problem -> pools, one for each repeat
    setting: Setting | None

    def shared_problems(self, *keys: str) -> list[str]:
        """Those with a finished pool under all of these arms."""
        return sorted(set.intersection(*(set(self.pools.get(key, {})) for key in keys)))

    def by_problem(self, key: str, problems: Sequence[str], measure: str) -> np.ndarray:
        """(problems,) means of a pool's array, such as "correct" or "tokens", over samples and repeats."""
        pools = self.pools[key]
        return np.array([np.mean(np.concatenate([getattr(pool, measure) for pool in pools[problem]])) for problem in problems])

    def half(self, key: str, problems: Sequence[str], half: int) -> np.ndarray:
        """(problems,) accuracy on the even (0) or odd (1) samples of every pool."""
        shares = [[halves(pool.correct[None].astype(float))[half][0] for pool in self.pools[key][each]] for each in problems]
        return np.array([np.mean(each) for each in shares])

    def lengths(self, key: str, problems: Sequence[str], unit: str) -> list[np.ndarray]:
        """By problem, those of its answers that ended: one that was cut off was on its way to another length."""
        pools = [self.pools[key][problem] for problem in problems]
        return [np.concatenate([getattr(pool, unit)[~pool.truncated] for pool in each]) for each in pools]


def grouped(conditions: Sequence[ConditionPools], arms: Sequence[Arm]) -> list[Group]:
    """Conditions by the part of their key before the arm, in the order of the design."""
    found: dict[str, dict[str, ConditionPools]] = {}
    for condition in conditions:
        base, _, arm = condition.key.rpartition("-")
        found.setdefault(base, {})[arm] = condition
    return [_group(conditions_by_arm, arms, len(found) == 1) for conditions_by_arm in found.values()]


def _group(conditions: dict[str, ConditionPools], arms: Sequence[Arm], is_only: bool) -> Group:
    control = conditions["control"]
    pools: dict[str, dict[str, list[Pool]]] = {}
    for key, condition in conditions.items():
        for pool in condition.pools:
            pools.setdefault(key, {}).setdefault(pool.problem, []).append(pool)
    prefix = "" if is_only else f"{control.label.rpartition(', ')[0]}: "
    return Group(prefix, tuple(arm for arm in arms if arm.key in conditions), pools, control.setting)
