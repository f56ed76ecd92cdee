"""The conditions of a brevity study as arms of one comparison: same language model, same variant, another limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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

    def kept(self, arm: Arm, problems: Sequence[str]) -> np.ndarray:
        """(problems,) share of samples within the limit, of those that were not cut off before they could end."""
        shares = []
        for problem in problems:
            pools = self.pools[arm.key][problem]
            lengths = np.concatenate([getattr(pool, arm.unit) for pool in pools])
            ended = ~np.concatenate([pool.truncated for pool in pools])
            shares.append(np.mean(lengths[ended] <= arm.most) if ended.any() else np.nan)
        return np.array(shares)


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
