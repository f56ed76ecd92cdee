"""The arms of a study of structured output as arrays over problems."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.json_failures import Failure
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean, wilson
from .base import ConditionPools

#: Arm -> what it is called, in the order of the design.
ARMS = {
    "naive": "naive",
    "reference": "reference",
    "constrained": "constrained",
    "both": "reference + constrained",
    "optimised": "optimised",
}

#: Of a reply, what can be true at once; PARTS divide all replies among them.
MEASURES = ("valid", "right", "joint", "repaired")
PARTS = {
    "joint": "right and valid",
    "right_only": "right, not usable",
    "valid_only": "valid, wrong",
    "neither": "neither",
}


@dataclass(frozen=True, eq=False)
class ArmResults:
    """`shares` are by measure, part and kind of failure the shares of each problem's replies, means over repeats.

    `is_single` says that every problem has one reply, so that shares are 0 or 1. `seconds` and `tokens` are means of a reply.
    """

    arm: str
    model: str
    shares: dict[str, dict[str, float]]
    seconds: dict[str, float]
    tokens: dict[str, float]
    n_replies: int

    @classmethod
    def of(cls, condition: ConditionPools) -> "ArmResults":
        rows: dict[str, list[dict[str, float]]] = {}
        seconds: dict[str, list[float]] = {}
        tokens: dict[str, list[float]] = {}
        for pool, outcome in zip(condition.pools, condition.outcomes, strict=True):
            rows.setdefault(pool.problem, []).extend(map(_row, pool.grading))
            seconds.setdefault(pool.problem, []).append(outcome.cost.seconds / pool.n)
            tokens.setdefault(pool.problem, []).extend(pool.tokens.tolist())
        names = (*MEASURES, *PARTS, *Failure)
        shares = {name: {problem: float(np.mean([row[name] for row in own])) for problem, own in rows.items()} for name in names}
        return cls(
            arm=condition.key.rpartition("-")[2],
            model=condition.setting.language_model,
            shares=shares,
            seconds={problem: float(np.mean(own)) for problem, own in seconds.items()},
            tokens={problem: float(np.mean(own)) for problem, own in tokens.items()},
            n_replies=sum(map(len, rows.values())),
        )

    @property
    def label(self) -> str:
        return ARMS[self.arm]

    @property
    def problems(self) -> list[str]:
        return sorted(self.seconds)

    @property
    def is_single(self) -> bool:
        return self.n_replies == len(self.seconds)

    def of_name(self, name: str, problems: Sequence[str] | None = None) -> np.ndarray:
        """(problems,) shares by a measure's, part's or failure's name."""
        return np.array([self.shares[name][problem] for problem in (self.problems if problems is None else problems)])

    def rate(self, name: str, rng: np.random.Generator) -> Estimate:
        """Wilson's interval where every problem has one reply, else a bootstrap over problems."""
        values = self.of_name(name)
        return wilson(int(values.sum()), len(values)) if self.is_single else bootstrap_mean(values, rng)


def has_details(condition: ConditionPools) -> bool:
    """Whether the run's grader told what is asked of it here."""
    return any("valid" in told for pool in condition.pools for told in pool.grading or ())


def _row(told: dict) -> dict[str, float]:
    """One reply; a sample that failed has no details, and so is neither."""
    valid, right, joint = (bool(told.get(name)) for name in ("valid", "right", "right_strict"))
    parts = {
        "valid": valid,
        "right": right,
        "joint": joint,
        "repaired": bool(told.get("repaired")),
        "right_only": right and not joint,
        "valid_only": valid and not right,
        "neither": not valid and not right,
    }
    return {name: float(value) for name, value in parts.items()} | {
        failure: float(told.get("failure") == failure) for failure in Failure
    }
