"""One condition of a study of prompt sensitivity as arrays over its sets of prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics import posix
from ..statistics.pools import Pool
from .base import AttemptOutcome, ConditionPools

#: Kind of prompts -> what it is called.
KINDS = {"spelling": "spelling errors", "templates": "templates", "paraphrases": "paraphrases", "mixed": "mixed"}

#: Measure of a set -> what it is called. The last four are what the paper's authors found the index to react to.
MEASURES = {
    "psi": "POSIX, nats per token",
    "flips": "answer-flip index",
    "accuracy": "share of prompts answered right",
    "n_different": "different answers",
    "entropy": "entropy of the answers, nats",
    "overlap": "words that answers share (F1)",
    "confidence": "variance of confidence",
}
FACTORS = tuple(MEASURES)[3:]


@dataclass(frozen=True, eq=False)
class SetResults:
    """`values` are by measure and problem, means over repeats; what is not known of a problem is missing there.

    `rounding` is by problem the mean of |log-probability read - written| per token, and `tables` one repeat's gaps between
    prompts, as `posix.gaps` has them. `n_prompts` is that of the largest set.
    """

    model: str
    kind: str
    values: dict[str, dict[str, float]]
    rounding: dict[str, float]
    tables: dict[str, np.ndarray]
    n_prompts: int

    @classmethod
    def of(cls, condition: ConditionPools) -> "SetResults":
        values: dict[str, dict[str, list[float]]] = {measure: {} for measure in (*MEASURES, "rounding")}
        tables = {}
        for pool, outcome in zip(condition.pools, condition.outcomes, strict=True):
            if "logprobs" in outcome.trace:
                tables[pool.problem] = posix.gaps(*_table(outcome))
            for measure, value in _measured(pool, outcome).items():
                if value is not None:
                    values[measure].setdefault(pool.problem, []).append(value)
        means = {
            measure: {problem: float(np.mean(found)) for problem, found in by_problem.items()}
            for measure, by_problem in values.items()
        }
        rounding = means.pop("rounding")
        n_prompts = max(pool.n for pool in condition.pools)
        kind = KINDS[condition.key.rpartition("-")[2]]
        return cls(condition.setting.language_model, kind, means, rounding, tables, n_prompts)

    @property
    def is_indexed(self) -> bool:
        """Whether the language model told how likely given texts are."""
        return bool(self.values["psi"])

    def of_measure(self, measure: str, problems: Sequence[str] | None = None) -> np.ndarray:
        """(problems,) values, of all problems that have one if none are named."""
        found = self.values[measure]
        return np.array([found[problem] for problem in (sorted(found) if problems is None else problems)])

    def both(self, first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
        """Two measures of the problems that have both."""
        shared = sorted(self.values[first].keys() & self.values[second].keys())
        return self.of_measure(first, shared), self.of_measure(second, shared)


def _table(outcome: AttemptOutcome) -> tuple[np.ndarray, np.ndarray]:
    """(N, N) log-probabilities, NaN where they are not known, and (N,) lengths."""
    return np.array(outcome.trace["logprobs"], dtype=float), np.array(outcome.trace["lengths"])


def _measured(pool: Pool, outcome: AttemptOutcome) -> dict[str, float | None]:
    measured = {
        "flips": posix.flip_index(pool.answers),
        "accuracy": float(pool.correct.mean()),
        "n_different": float(posix.n_different(pool.answers)),
        "entropy": posix.answer_entropy(pool.answers),
        "overlap": outcome.trace["overlap"],
        "confidence": posix.confidence_variance(pool.mean_logprobs),
    }
    if "logprobs" in outcome.trace:
        logprobs, lengths = _table(outcome)
        measured |= {"psi": posix.psi(logprobs, lengths), "rounding": _rounding(logprobs, lengths, outcome)}
    return measured


def _rounding(logprobs: np.ndarray, lengths: np.ndarray, outcome: AttemptOutcome) -> float | None:
    written = np.array(outcome.trace["written"], dtype=float)
    apart = np.abs(np.diag(logprobs) - written)[lengths > 0] / lengths[lengths > 0]
    return None if np.isnan(apart).all() else float(np.nanmean(apart))
