"""Strategies as arms: accuracy by problem, mean cost, and the difference to best-of-N that has spent as much."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..statistics.costs import AXES, Cost, cost_on, mean_cost
from ..statistics.curves import Curves, selector_curves
from ..statistics.equal_cost import Compared, compare, cost_at_k, curve_at, k_at_cost
from ..statistics.estimates import Estimate
from ..statistics.intervals import Bands, bootstrap_bands, estimates
from ..statistics.pools import Pool
from .base import AttemptOutcome, ConditionPools, Setting


@dataclass(frozen=True, eq=False)
class PoolLine:
    """A pool's curves and what k of its samples cost: a line in k, of which both ends are known, with judges and without."""

    curves: Curves
    single: Cost
    total: Cost
    judging: Cost

    @property
    def n(self) -> int:
        return self.curves.ks[-1]

    def cost(self, axis: str, intensity: float, k: float, with_judges: bool) -> float | None:
        ends = self._ends(axis, intensity, with_judges)
        return None if None in ends else cost_at_k(k, *ends, self.n)

    def k_for(self, cost: float, axis: str, intensity: float, with_judges: bool) -> float:
        """May lie outside 1..n."""
        return k_at_cost(cost, *self._ends(axis, intensity, with_judges), self.n)

    def _ends(self, axis: str, intensity: float, with_judges: bool) -> tuple[float | None, float | None]:
        single, total = cost_on(self.single, axis, intensity), cost_on(self.total, axis, intensity)
        judging = cost_on(self.judging, axis, intensity) if with_judges else 0.0
        if single is None or total is None or judging is None:
            return None, None
        return single + judging / self.n, total + judging

    def at(self, selector: str, k: float) -> np.ndarray:
        return curve_at(self.curves.values[selector], self.curves.ks, k)


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


@dataclass(frozen=True, eq=False)
class Halves:
    """A pool cut in two: one half says how hard the problems are, the other how well best-of-N does.

    success, score: (problems,) share of right answers and mean verifier score (None where there are none) of the first half
    reference:      (problems,) accuracy of the reference on all k samples of the second half
    """

    success: np.ndarray
    score: np.ndarray | None
    reference: np.ndarray
    k: int


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


def groups_of(
    conditions: Sequence[ConditionPools],
    verifier: str,
    reference: str,
    axis: str,
    intensity: float,
    seed: int,
    rng: np.random.Generator,
) -> list[Group]:
    """One for each setting whose pool has begun; strategies that have not begun are left out."""
    by_setting: dict[tuple, list[ConditionPools]] = defaultdict(list)
    for condition in conditions:
        if condition.outcomes:
            setting = condition.setting
            by_setting[setting.language_model, setting.variant, setting.decoding.model_dump_json()].append(condition)
    several = len({_key(condition.setting) for condition in conditions if condition.setting}) > 1
    found = [_group(members, verifier, reference, axis, intensity, seed, rng, several) for members in by_setting.values()]
    return [group for group in found if group is not None]


def _key(setting: Setting) -> tuple:
    return setting.language_model, setting.variant, setting.decoding.model_dump_json()


def _group(
    members: list[ConditionPools],
    verifier: str,
    compared_with: str,
    axis: str,
    intensity: float,
    seed: int,
    rng: np.random.Generator,
    several: bool,
) -> Group | None:
    reference = next((each for each in members if each.setting.strategy.name == "pool"), None)
    if reference is None:
        return None
    # Outcomes are read after the pools: an attempt that ended in between has no pool yet.
    finished = [{pool.problem for pool in reference.pools}, *({outcome.problem for outcome in each.outcomes} for each in members)]
    shared = set.intersection(*finished)
    if not shared:
        return None
    verifier = next((found for pool in reference.pools if (found := _scored_by(pool, verifier))), verifier)
    n_left_out = len({outcome.problem for each in members for outcome in each.outcomes} - shared)
    pool = _pool_line([each for each in reference.pools if each.problem in shared], _of(reference, shared), verifier, seed)
    selector = "best" if compared_with == "best_of_n" and "best" in pool.curves.values else "majority"
    arms = _pool_arms(pool, reference, verifier, intensity)
    for each in members:
        if each is not reference:
            arms.append(_arm(each, shared, intensity))
    accuracies = estimates(bootstrap_bands(np.column_stack([arm.right for arm in arms]), rng))
    arms = [replace(arm, accuracy=accuracy) for arm, accuracy in zip(arms, accuracies, strict=True)]
    label = _group_label(reference.setting) if several else ""
    bands = pool.curves.bands(rng)
    halves = _halves([each for each in reference.pools if each.problem in shared], selector, verifier, seed)
    group = Group(label, pool.curves.problems, arms, pool, halves, bands, selector, verifier, axis, intensity, n_left_out)
    return replace(group, arms=_compared(group, rng))


def _scored_by(pool: Pool, verifier: str) -> str | None:
    """The name that the verifier's scores have: its own, or that with a hash of its options."""
    return next((key for key in pool.scores if key == verifier or key.startswith((f"{verifier}-", f"{verifier}-v"))), None)


def _group_label(setting: Setting) -> str:
    decoding = setting.decoding
    return f"{setting.language_model}, {setting.variant}, temperature {decoding.temperature:g}, top-p {decoding.top_p:g}"


def _of(condition: ConditionPools, problems: set[str]) -> list[AttemptOutcome]:
    return [outcome for outcome in condition.outcomes if outcome.problem in problems]


def _pool_line(pools, outcomes: list[AttemptOutcome], verifier: str, seed: int) -> PoolLine:
    n = min(pool.n for pool in pools)
    ks = tuple(range(1, n + 1)) if n <= 16 else tuple(sorted({*range(1, 9), *np.geomspace(8, n, 12).astype(int).tolist()}))
    has_scores = all(verifier in pool.scores and np.isfinite(pool.scores[verifier]).any() for pool in pools)
    curves = selector_curves(pools, ks, verifier if has_scores else None, seed)
    costs = {name: mean_cost([getattr(outcome, name) for outcome in outcomes]) for name in ("single", "cost", "judging")}
    return PoolLine(curves, costs["single"], costs["cost"], costs["judging"])


def _halves(pools, selector: str, verifier: str, seed: int) -> Halves | None:
    """None for pools too small to be cut."""
    half = min(pool.n for pool in pools) // 2
    if half < 2:
        return None
    first, second = ([_part(pool, part) for pool in pools] for part in (slice(0, half), slice(half, 2 * half)))
    curves = selector_curves(second, (half,), verifier if selector == "best" else None, seed)
    success = selector_curves(first, (1,), None, seed, ("mean",)).values["mean"][:, 0]
    score = _mean_scores(first, verifier) if verifier in first[0].scores else None
    return Halves(success, score, curves.values[selector][:, 0], half)


def _part(pool: Pool, part: slice) -> Pool:
    scores = {name: values[part] for name, values in pool.scores.items()}
    return Pool(pool.problem, pool.answers[part], pool.correct[part], pool.tokens[part], scores)


def _mean_scores(pools: Sequence[Pool], verifier: str) -> np.ndarray:
    """(problems,) of the samples that have one; the lowest of all where none has."""
    by_problem = defaultdict(list)
    for pool in pools:
        by_problem[pool.problem].extend(score for score in pool.scores[verifier] if np.isfinite(score))
    lowest = min((score for scores in by_problem.values() for score in scores), default=0.0)
    return np.array([np.mean(by_problem[problem] or [lowest]) for problem in sorted(by_problem)])


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
