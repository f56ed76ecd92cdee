"""Solved problems that treatments show: drawn from the dataset once for a run, and not asked in it."""

from collections.abc import Sequence
from typing import Any

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..domain.types import Demonstration
from ..models import Dataset, Problem


def set_aside(dataset: Dataset, asked: Sequence[Problem], n: int, seed: int) -> tuple[list[Problem], list[Demonstration]]:
    """The problems that are left to ask, and `n` that are shown. Those that the experiment would not ask anyway come first.

    The same dataset and seed give the same ones in the same order. Raises InvalidInput where none would be left to ask.
    """
    if not n:
        return list(asked), []
    problems = list(dataset.problems.order_by("position"))
    if len(problems) <= n:
        raise InvalidInput(
            f"{n} problems are to be shown as demonstrations, and the dataset “{dataset}” has {len(problems)}: "
            f"it needs at least {n + 1}, and many more for an interval of any use."
        )
    asked_keys = {problem.key for problem in asked}
    shuffled = [problems[place] for place in rng(seed, "demonstrations").permutation(len(problems))]
    shown = sorted(shuffled, key=lambda problem: problem.key in asked_keys)[:n]
    shown_keys = {problem.key for problem in shown}
    return [problem for problem in asked if problem.key not in shown_keys], [_demonstration(problem) for problem in shown]


def frozen_demonstration(shown: Demonstration) -> dict[str, Any]:
    return {"key": shown.key, "slots": shown.slots, "choices": list(shown.choices), "answers": list(shown.answers)}


def _demonstration(problem: Problem) -> Demonstration:
    return Demonstration(problem.key, problem.slots, tuple(problem.choices), tuple(problem.answers))
