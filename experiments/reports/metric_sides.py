"""The same answers under several metrics, so that a jump of one of them is not taken for more than it is."""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from ..models import Grade
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_bands, estimates
from ..statistics.metric_choice import brier, numeric_error, token_edit_distance
from ..statistics.pools import Pool
from .arm_data import Answer, ArmData
from .arms import Arm
from .comparison import Comparison

Attempt = tuple[Pool, list[Answer], list[str]]  # with the answers that count as right


@dataclass(frozen=True)
class MetricSide:
    """One metric over all arms, in their order; `best` is the letter of the best one."""

    name: str
    meaning: str
    values: list[Estimate]
    best: str


def metric_sides(comparison: Comparison) -> list[MetricSide]:
    """Metrics that every arm has on the shared problems; single samples, averaged by problem."""
    found = []
    for name, (meaning, lower_is_better, measure) in _METRICS.items():
        by_arm = [_by_problem(arm, name, measure) for arm in comparison.arms]
        shared = [problem for problem in comparison.problems if all(problem in values for values in by_arm)]
        if shared:
            rows = np.array([[values[problem] for problem in shared] for values in by_arm])
            means = rows.mean(axis=1) * (-1 if lower_is_better else 1)
            values = estimates(bootstrap_bands(rows.T, comparison.rng))
            found.append(MetricSide(name, meaning, values, comparison.arms[int(means.argmax())].letter))
    return found


def disagreement(sides: list[MetricSide]) -> str:
    """What to say of the choice of metric."""
    best = {side.best for side in sides}
    if len(best) == 1:
        return f"All {len(sides)} metrics put {best.pop()} first."
    told = "; ".join(f"{letter} by {', '.join(side.name for side in sides if side.best == letter)}" for letter in sorted(best))
    return f"Which condition is first depends on the metric: {told}."


#: What was measured of an arm is kept as long as its data is.
_kept: WeakKeyDictionary[ArmData, dict[str, dict[str, float]]] = WeakKeyDictionary()


def _by_problem(arm: Arm, name: str, measure: Callable[[Attempt], float | None]) -> dict[str, float]:
    kept = _kept.setdefault(arm.data, {})
    if name not in kept:
        kept[name] = _measured(arm, measure)
    return kept[name]


def _measured(arm: Arm, measure: Callable[[Attempt], float | None]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for done, pool, answers in zip(arm.data.attempts, arm.pools, arm.data.answers, strict=True):
        if pool.n:
            value = measure((pool, answers, arm.data.problems[done.problem].answers))
            if value is not None:
                values.setdefault(done.problem, []).append(value)
    return {problem: sum(each) / len(each) for problem, each in values.items()}


def _exact(attempt: Attempt) -> float:
    return float(attempt[0].correct.mean())


def _edit_distance(attempt: Attempt) -> float:
    """An answer that the grader accepts is no distance away, however it is written."""
    pool, answers, targets = attempt
    distances = _of_each(answers, lambda extracted: token_edit_distance(extracted, targets))
    return _mean(0.0 if right else distance for right, distance in zip(pool.correct, distances, strict=True))


def _of_each(answers: list[Answer], measure: Callable[[str | None], float | None]) -> list[float | None]:
    """A problem's answers are mostly the same few: each is measured once."""
    measured = {extracted: measure(extracted) for extracted in {answer.extracted for answer in answers}}
    return [measured[answer.extracted] for answer in answers]


def _numeric(attempt: Attempt) -> float | None:
    _, answers, targets = attempt
    errors = _of_each(answers, lambda extracted: numeric_error(extracted, targets))
    return None if None in errors else _mean(errors)


def _brier(attempt: Attempt) -> float | None:
    """Of the votes; a pool of one has no probabilities to speak of."""
    pool = attempt[0]
    if pool.n < 2:
        return None
    given = np.unique(pool.answers[pool.answers >= 0])
    shares = [(pool.answers == answer).mean() for answer in given]
    return brier(shares, [bool(pool.correct[pool.answers == answer].any()) for answer in given])


def _parsed(attempt: Attempt) -> float:
    judged = (Grade.Verdict.CORRECT, Grade.Verdict.WRONG)
    return _mean(float(answer.verdict in judged) for answer in attempt[1])


def _mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


#: Name -> meaning, whether less is better, how it is measured.
_METRICS: dict[str, tuple[str, bool, Callable[[Attempt], float | None]]] = {
    "right": ("the run's grader, all or nothing", False, _exact),
    "edit distance": ("words to change to reach the target, as a share of it; less is better", True, _edit_distance),
    "numeric error": ("distance to the target as a share of it, at most 1; less is better", True, _numeric),
    "Brier": ("shares of votes as probabilities, 0 to 2; less is better", True, _brier),
    "readable": ("an answer was found", False, _parsed),
}
