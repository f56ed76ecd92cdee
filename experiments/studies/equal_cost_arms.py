"""Strategies as arms: accuracy by problem, mean cost, and the difference to best-of-N that has spent as much."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..statistics.costs import AXES, cost_on, mean_cost
from ..statistics.equal_cost import Compared, compare
from ..statistics.estimates import Estimate
from ..statistics.intervals import Bands, bootstrap_bands, estimates
from .base import AttemptOutcome, ConditionPools, Setting
from .equal_cost_pools import Halves, PoolLine, halves, pool_line, scored_by


@dataclass(frozen=True, eq=False)
class Arm:
    """One row of the table.

    right:      (problems,) accuracy, repeats averaged
    costs:      of an attempt, the mean on every axis; None where it is not known
    by_problem: (problems,) eFLOPs of strategies
    k:          the reference's samples that cost as much; may lie outside those it drew
    """

    label: str
    strategy: str
    setting: Setting
    right: np.ndarray
    costs: dict[str, float | None]
    accuracy: Estimate
    uses_oracle: bool = False
    by_problem: np.ndarray | None = None
    k: float | None = None
    compared: Compared | None = None


@dataclass(frozen=True)
class Terms:
    """What arms are compared on: `reference` is "best_of_n" by the verifier or "majority", `axis` one of the AXES of costs."""

    verifier: str
    reference: str
    axis: str
    intensity: float


@dataclass(frozen=True, eq=False)
class Group:
    """The conditions of one language model, variant and way of decoding, on the problems that all of them have finished."""

    label: str
    problems: tuple[str, ...]
    arms: list[Arm]
    pool: PoolLine
    halves: Halves | None
    bands: dict[str, Bands]
    selector: str
    verifier: str
    axis: str
    intensity: float
    n_left_out: int

    @property
    def setting(self) -> Setting:
        """Of the pool; the strategies differ from it in nothing but the strategy."""
        return self.arms[0].setting

    @property
    def reference(self) -> str:
        return f"best of N by {words(self.verifier)}" if self.selector == "best" else "majority of N"

    @property
    def ranked(self) -> list[Arm]:
        """Those that were compared at equal cost, the best first."""
        compared = [arm for arm in self.arms if arm.compared]
        return sorted(compared, key=lambda arm: -arm.compared.difference.value)

    def is_dearer(self, arm: Arm) -> bool:
        """Whether it cost more than the whole pool, so that the comparison favours it."""
        return arm.k is not None and arm.k > self.pool.n * 1.001


def groups_of(conditions: Sequence[ConditionPools], terms: Terms, seed: int, rng: np.random.Generator) -> list[Group]:
    """One for each setting whose pool has begun; strategies that have not begun are left out."""
    by_setting: dict[tuple, list[ConditionPools]] = defaultdict(list)
    for condition in conditions:
        if condition.setting:
            setting = condition.setting
            by_setting[setting.language_model, setting.variant, setting.decoding.model_dump_json()].append(condition)
    found = []
    for members in by_setting.values():
        label = _group_label(members[0].setting) if len(by_setting) > 1 else ""
        begun = [condition for condition in members if condition.outcomes]
        found.append(_group(begun, label, terms, seed, rng))
    return [group for group in found if group is not None]


def _group(members: list[ConditionPools], label: str, terms: Terms, seed: int, rng: np.random.Generator) -> Group | None:
    reference = next((each for each in members if each.setting.strategy.name == "pool"), None)
    if reference is None:
        return None
    # Outcomes are read after the pools: an attempt that ended in between has no pool yet.
    finished = [{pool.problem for pool in reference.pools}, *({outcome.problem for outcome in each.outcomes} for each in members)]
    shared = set.intersection(*finished)
    if not shared:
        return None
    pools = [pool for pool in reference.pools if pool.problem in shared]
    verifier = next((found for pool in pools if (found := scored_by(pool, terms.verifier))), terms.verifier)
    line = pool_line(pools, _of(reference, shared), verifier, seed)
    selector = "best" if terms.reference == "best_of_n" and "best" in line.curves.values else "majority"
    arms = _pool_arms(line, reference, verifier, terms.intensity)
    arms += [_arm(each, shared, terms.intensity) for each in members if each is not reference]
    accuracies = estimates(bootstrap_bands(np.column_stack([arm.right for arm in arms]), rng))
    group = Group(
        label=label,
        problems=line.curves.problems,
        arms=[replace(arm, accuracy=accuracy) for arm, accuracy in zip(arms, accuracies, strict=True)],
        pool=line,
        halves=halves(pools, selector, verifier, seed),
        bands=line.curves.bands(rng),
        selector=selector,
        verifier=verifier,
        axis=terms.axis,
        intensity=terms.intensity,
        n_left_out=len({outcome.problem for each in members for outcome in each.outcomes} - shared),
    )
    return replace(group, arms=_compared(group, rng))


def _group_label(setting: Setting) -> str:
    decoding = setting.decoding
    return f"{setting.language_model}, {setting.variant}, temperature {decoding.temperature:g}, top-p {decoding.top_p:g}"


def _of(condition: ConditionPools, problems: set[str]) -> list[AttemptOutcome]:
    return [outcome for outcome in condition.outcomes if outcome.problem in problems]


def _pool_arms(pool: PoolLine, condition: ConditionPools, verifier: str, intensity: float) -> list[Arm]:
    """What the selectors make of the pool: a single sample, and all N."""
    named = {"majority": f"majority of {pool.n}", "best": f"best of {pool.n} by {words(verifier)}"}
    named |= {"weighted": f"vote of {pool.n} weighted by {words(verifier)}", "oracle": f"any of {pool.n} (oracle)"}
    rows = [("mean", 1, "single sample"), *((name, pool.n, label) for name, label in named.items() if name in pool.curves.values)]
    arms = []
    for selector, k, label in rows:
        judged = selector in ("best", "weighted")
        costs = {axis: pool.cost(axis, intensity, k, judged) for axis in AXES}
        right = pool.at(selector, k)
        arms.append(Arm(label, "pool", condition.setting, right, costs, _UNKNOWN, uses_oracle=selector == "oracle"))
    return arms


def _arm(condition: ConditionPools, problems: set[str], intensity: float) -> Arm:
    """A strategy by what it chose; an attempt that chose nothing is not right."""
    by_problem = defaultdict(list)
    for outcome in _of(condition, problems):
        by_problem[outcome.problem].append(outcome)
    ordered = [by_problem[problem] for problem in sorted(by_problem)]
    right = np.array([np.mean([bool(outcome.right) for outcome in outcomes]) for outcomes in ordered])
    spent = [mean_cost([outcome.cost for outcome in outcomes]).eflops(intensity) for outcomes in ordered]
    mean = mean_cost([outcome.cost for outcome in _of(condition, problems)])
    costs = {axis: cost_on(mean, axis, intensity) for axis in AXES}
    setting = condition.setting
    label = condition.label
    if setting.uses_oracle and "oracle" not in label.lower():
        label += " (oracle)"
    eflops = None if None in spent else np.array(spent)
    return Arm(label, setting.strategy.name, setting, right, costs, _UNKNOWN, setting.uses_oracle, eflops)


def _compared(group: Group, rng: np.random.Generator) -> list[Arm]:
    """The arms with their difference to the reference at equal cost; not those that use an oracle, nor the reference's own."""
    own = ("single sample", f"best of {group.pool.n} by" if group.selector == "best" else f"majority of {group.pool.n}")
    rankable = [
        arm
        for arm in group.arms
        if not (arm.uses_oracle or arm.costs[group.axis] is None or (arm.strategy == "pool" and arm.label.startswith(own)))
    ]
    judged = group.selector == "best"
    if not rankable or group.pool.cost(group.axis, group.intensity, 1, judged) is None:
        return group.arms
    ks = [group.pool.k_for(arm.costs[group.axis], group.axis, group.intensity, judged) for arm in rankable]
    differences = np.column_stack([arm.right - group.pool.at(group.selector, k) for arm, k in zip(rankable, ks, strict=True)])
    found = {
        id(arm): replace(arm, k=k, compared=compared)
        for arm, k, compared in zip(rankable, ks, compare(differences, rng), strict=True)
    }
    return [found.get(id(arm), arm) for arm in group.arms]


def words(name: str) -> str:
    return name.replace("_", " ")


_UNKNOWN = Estimate(None, None, None, 0, "")
