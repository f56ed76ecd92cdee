"""The pool that strategies are compared with: its curves, what k of its samples cost, and its halves."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.costs import Cost, cost_on, mean_cost
from ..statistics.curves import Curves, selector_curves
from ..statistics.equal_cost import cost_at_k, curve_at, k_at_cost
from ..statistics.pools import Pool
from .base import AttemptOutcome


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
class Halves:
    """A pool cut in two: one half says how hard the problems are, the other how well best-of-N does.

    success, score: (problems,) share of right answers and mean verifier score (None where there are none) of the first half
    reference:      (problems,) accuracy of the reference on all k samples of the second half
    """

    success: np.ndarray
    score: np.ndarray | None
    reference: np.ndarray
    k: int


def scored_by(pool: Pool, verifier: str) -> str | None:
    """The name that the verifier's scores have: its own, or that with a hash of its options."""
    return next((key for key in pool.scores if key == verifier or key.startswith(f"{verifier}-")), None)


def pool_line(pools: Sequence[Pool], outcomes: Sequence[AttemptOutcome], verifier: str, seed: int) -> PoolLine:
    """Of at least one pool and the attempts that drew them. Without scores by the verifier its selectors are left out."""
    n = min(pool.n for pool in pools)
    ks = (
        tuple(range(1, n + 1))
        if n <= 16
        else tuple(sorted({*range(1, 9), *np.rint(np.geomspace(8, n, 12)).astype(int).tolist()}))
    )
    has_scores = all(verifier in pool.scores and np.isfinite(pool.scores[verifier]).any() for pool in pools)
    curves = selector_curves(pools, ks, verifier if has_scores else None, seed)
    costs = {name: mean_cost([getattr(outcome, name) for outcome in outcomes]) for name in ("single", "cost", "judging")}
    return PoolLine(curves, costs["single"], costs["cost"], costs["judging"])


def halves(pools: Sequence[Pool], selector: str, verifier: str, seed: int) -> Halves | None:
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
