"""Parts of a run's problems that a figure can be narrowed to: by difficulty, told or predicted, and by what the data say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.types import HIDDEN
from ..models import Problem, Run
from ..statistics.pools import Pool
from ..statistics.quantile_groups import quantile_groups

#: Number of groups -> their names, the first with the lowest values.
_NAMES = {
    3: ("hardest third", "middle third", "easiest third"),
    5: ("hardest fifth", "second hardest fifth", "middle fifth", "second easiest fifth", "easiest fifth"),
}
#: A column of the data with more values than this tells problems apart rather than groups of them.
_MOST_VALUES = 8
ALL = "all"


@dataclass(frozen=True)
class ProblemGroup:
    """`name` stands in addresses; `family` is what the groups of one kind are called together, "" for all problems."""

    name: str
    label: str
    family: str
    problems: frozenset[str]


def problem_groups(pools: Sequence[Pool], verifiers: Sequence[str], metadata: dict[str, dict]) -> list[ProblemGroup]:
    """All problems first. Difficulty is that over all given pools, whatever their condition, so a problem stays in its group.

    By success rate the truth decides, on the same samples that the curves are made of: such a group is an oracle's.
    """
    problems, row = np.unique([pool.problem for pool in pools], return_inverse=True)
    groups = [ProblemGroup(ALL, "all problems", "", frozenset(problems.tolist()))]
    rates = _means(row, [pool.correct.mean() for pool in pools], len(problems))
    groups += _by_difficulty("oracle", "By success rate (oracle)", problems, rates)
    for verifier in verifiers:
        scores = _means(row, [_mean_score(pool, verifier) for pool in pools], len(problems))
        groups += _by_difficulty(verifier, f"By {verifier.replace('_', ' ')}, on average (predicted)", problems, scores)
    return groups + _by_metadata(problems.tolist(), metadata)


def metadata_of(run: Run) -> dict[str, dict]:
    """Problem key -> what the data say about it, without what belongs to the target."""
    rows = Problem.objects.filter(attempt__run=run).distinct().values_list("key", "metadata")
    return {key: {name: value for name, value in metadata.items() if name != HIDDEN} for key, metadata in rows}


def _mean_score(pool: Pool, verifier: str) -> float:
    scores = pool.scores.get(verifier, np.array([np.nan]))
    return np.nan if np.isnan(scores).all() else float(np.nanmean(scores))


def _means(row: np.ndarray, values: list[float], n: int) -> np.ndarray:
    """(n,) mean over the pools of each problem; NaN where one of them has no value."""
    return np.bincount(row, weights=values, minlength=n) / np.bincount(row, minlength=n)


def _by_difficulty(name: str, family: str, problems: np.ndarray, values: np.ndarray) -> list[ProblemGroup]:
    found = []
    for n_groups, labels in _NAMES.items():
        groups = quantile_groups(values, n_groups)
        for number, label in enumerate(labels):
            members = frozenset(problems[groups == number].tolist())
            if members:
                found.append(ProblemGroup(f"{name}-{number + 1}of{n_groups}", label, family, members))
    return found if len({group.problems for group in found}) > 1 else []


def _by_metadata(problems: list[str], metadata: dict[str, dict]) -> list[ProblemGroup]:
    columns = dict.fromkeys(name for problem in problems for name in metadata.get(problem, {}))
    found = []
    for column in columns:
        cells = {problem: str(metadata.get(problem, {}).get(column, "–")) for problem in problems}
        values = sorted(set(cells.values()))
        if 2 <= len(values) <= _MOST_VALUES:
            found += [
                ProblemGroup(
                    f"{column}={value}",
                    value,
                    f"By {column}",
                    frozenset(problem for problem, cell in cells.items() if cell == value),
                )
                for value in values
            ]
    return found
