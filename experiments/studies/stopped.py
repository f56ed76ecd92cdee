"""Attempts that stopped drawing when they had enough, as their traces tell of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..statistics.optional_stopping import unbiased_shares
from ..statistics.pools import Pool
from ..statistics.settled_vote import RISKS, is_decided
from .base import AttemptOutcome, ConditionPools, Setting


@dataclass(frozen=True, eq=False)
class Stopped:
    """One condition whose strategy draws up to `n_max` answers. Arrays are (problems,), repeats of a problem averaged.

    right: accuracy of what was handed in; single, corrected: share of right answers among those drawn as it is, and as it must
    be read because drawing stopped on purpose, None where the rule is not known or a token budget ended an attempt.
    """

    label: str
    setting: Setting
    problems: tuple[str, ...]
    outcomes: Sequence[AttemptOutcome]
    n_max: int
    drawn: np.ndarray
    early: np.ndarray
    right: np.ndarray
    single: np.ndarray
    corrected: np.ndarray | None

    @classmethod
    def of(cls, condition: ConditionPools) -> "Stopped":
        columns = defaultdict(list)
        for pool, outcome in zip(condition.pools, condition.outcomes, strict=True):
            trace = outcome.trace
            columns[outcome.problem].append(
                (trace["drawn"], trace["saved"] > 0, bool(outcome.right), pool.correct.mean(), _corrected(pool, outcome))
            )
        problems = tuple(sorted(columns))
        drawn, early, right, single, corrected = np.array([np.mean(columns[each], axis=0, dtype=float) for each in problems]).T
        known = None if np.isnan(corrected).any() else corrected
        n_max = condition.outcomes[0].trace["n_max"]
        return cls(condition.label, condition.setting, problems, condition.outcomes, n_max, drawn, early, right, single, known)


def is_adaptive(condition: ConditionPools) -> bool:
    return bool(condition.outcomes) and all("n_max" in outcome.trace for outcome in condition.outcomes)


def _corrected(pool: Pool, outcome: AttemptOutcome) -> float:
    """The chance that a single answer is right, without bias although drawing stopped at a settled vote; NaN where unknown."""
    rule = outcome.trace.get("rule")
    if rule is None or outcome.trace["stopped"] == "token budget spent":
        return np.nan
    votes = np.bincount(pool.answers[pool.answers >= 0]).tolist()
    shares = _shares(tuple(votes), int((pool.answers < 0).sum()), rule["against"], rule["error_risk"], outcome.trace["n_max"])
    right = {int(answer) for answer in pool.answers[pool.correct]}
    return float(sum(share for answer, share in enumerate(shares) if answer in right))


@lru_cache(maxsize=4096)
def _shares(votes: tuple[int, ...], n_silent: int, against: str, error_risk: float, n_max: int) -> list[float]:
    """Cached: attempts often end with the same votes."""
    risk = RISKS[against]
    return unbiased_shares(votes, n_silent, lambda votes, n: risk(votes) <= error_risk or is_decided(votes, n_max - n))
