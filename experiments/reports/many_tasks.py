"""Conditions over many tasks: robust aggregates of (runs, tasks) scores, where a run is one draw of every problem."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..statistics import run_aggregates
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.run_aggregates import aggregate, improvement, profile_bands
from ..studies.base import Figure, HeatMap, Series
from .arms import Arm

#: Tasks are the datasets, unless a column of the data tells them.
DATASETS = "dataset"
FEWEST_RUNS = 3
_LEVELS = np.linspace(0, 1, 41)
_MEASURES = {
    "IQM": run_aggregates.iqm,
    "mean": run_aggregates.mean,
    "median": run_aggregates.median,
    "optimality gap": run_aggregates.optimality_gap,
}


@dataclass(frozen=True)
class Contender:
    """One condition over all tasks. `better` is the probability that it improves on the first one, None for that itself.

    `by_task` has the mean score of each task with an interval over its problems.
    """

    name: str
    scores: np.ndarray  # (runs, tasks)
    by_task: list[Estimate]
    aggregates: dict[str, Estimate]
    better: Estimate | None

    @property
    def in_words(self) -> str:
        if self.better is None or self.better.low is None:
            return "–"
        if self.better.low > 0.5:
            return "improves"
        return "does worse" if self.better.high < 0.5 else "no clear difference"


class ManyTasks:
    """Raises InvalidInput where there are no two tasks, or contenders without a task in common.

    `chance` is taken off: scores are (score - chance) / (1 - chance), so that 0 is guessing and 1 is all right.
    """

    def __init__(self, arms: Sequence[Arm], column: str = DATASETS, chance: float = 0.0):
        if not 0 <= chance < 1:
            raise InvalidInput(f"The chance level must be at least 0 and below 1; {chance:g} is not.")
        self.column = column
        verdicts = _by_contender(arms, column)
        self.tasks = sorted(set.intersection(*(set(tasks) for tasks in verdicts.values())))
        if len(self.tasks) < 2:
            raise InvalidInput(
                f"Over many tasks takes at least two; by “{column}” these conditions have {len(self.tasks)} in common. "
                "Choose a column of the data, or runs on several datasets."
            )
        self.n_runs = min(len(each) for tasks in verdicts.values() for task in self.tasks for each in tasks[task])
        if not self.n_runs:
            raise InvalidInput("One of these conditions has a problem without any sample.")
        self.rng = rng("many tasks", *(arm.name for arm in arms), column)
        scores = {name: (_scores(tasks, self.tasks, self.n_runs) - chance) / (1 - chance) for name, tasks in verdicts.items()}
        first = next(iter(scores.values()))
        self.contenders = [
            Contender(
                name,
                matrix,
                [self._of_task(verdicts[name][task], chance) for task in self.tasks],
                {what: aggregate(measure, matrix, self.rng) for what, measure in _MEASURES.items()},
                None if matrix is first else improvement(matrix, first, self.rng),
            )
            for name, matrix in scores.items()
        ]

    @property
    def care(self) -> str:
        """Why not to trust the intervals, empty where there is no reason."""
        if self.n_runs < FEWEST_RUNS:
            return (
                f"{self.n_runs} run{'s' if self.n_runs > 1 else ''} of each task tell little: draw at least {FEWEST_RUNS} "
                "samples per problem, better 5 to 10."
            )
        return ""

    def _of_task(self, verdicts: list[np.ndarray], chance: float) -> Estimate:
        means = np.array([each[: self.n_runs].mean() for each in verdicts])
        return bootstrap_mean((means - chance) / (1 - chance), self.rng)

    def heat_map(self) -> HeatMap:
        """The mean score of every condition on every task."""
        rows = [each.by_task for each in self.contenders]
        return HeatMap(
            "Mean score by task",
            "task",
            "condition",
            "score",
            [f"{task} ({estimate.n})" for task, estimate in zip(self.tasks, rows[0], strict=True)],
            [each.name for each in self.contenders],
            [[estimate.value for estimate in row] for row in rows],
            [[estimate.low for estimate in row] for row in rows],
            [[estimate.high for estimate in row] for row in rows],
        )

    def profile(self) -> Figure:
        """The share of runs and tasks above each score."""
        series = []
        for each in self.contenders:
            share, low, high = profile_bands(each.scores, _LEVELS, self.rng)
            bands = (None, None) if low is None else (low.tolist(), high.tolist())
            series.append(Series(each.name, _LEVELS.tolist(), share.tolist(), *bands, n=self.n_runs, markers=False))
        return Figure("Performance profile", "score", "share of runs and tasks above it", series)


Verdicts = dict[str, list[np.ndarray]]  # task -> the verdicts of each problem's samples, in the order they were drawn


def _by_contender(arms: Sequence[Arm], column: str) -> dict[str, Verdicts]:
    """By condition where tasks are parts of the data; the same condition of several runs is one where they are datasets."""
    found: dict[str, Verdicts] = {}
    for arm in arms:
        name = arm.condition.label if column == DATASETS else f"run {arm.run.pk}: {arm.condition.label}"
        tasks = found.setdefault(name, defaultdict(list))
        by_problem = defaultdict(list)
        for pool in arm.pools:
            by_problem[pool.problem].append(pool.correct)
        for problem, verdicts in by_problem.items():
            task = arm.run.config["dataset"]["name"] if column == DATASETS else _cell(arm, problem, column)
            if task is not None:
                tasks[task].append(np.concatenate(verdicts))
    if len(found) < 2:
        raise InvalidInput("A comparison over many tasks needs at least two conditions.")
    return found


def _cell(arm: Arm, problem: str, column: str) -> str | None:
    value = arm.data.problems[problem].metadata.get(column)
    return None if value in (None, "") else str(value)


def _scores(verdicts: Verdicts, tasks: Sequence[str], n_runs: int) -> np.ndarray:
    """(runs, tasks): the accuracy of the r-th samples of all of a task's problems."""
    return np.column_stack([np.mean([each[:n_runs] for each in verdicts[task]], axis=0) for task in tasks])


def columns_for_tasks(arms: Sequence[Arm]) -> list[str]:
    """Columns of the data with two to forty values."""
    values = defaultdict(set)
    for arm in arms:
        for asked in arm.data.problems.values():
            for name, value in asked.metadata.items():
                if isinstance(value, str | int | bool):
                    values[name].add(str(value))
    return [name for name, found in values.items() if 2 <= len(found) <= 40]
