"""Thompson sampling beside uniform allocation on simulated formats: what each must ask to find the spread within a point."""

import numpy as np

from .thompson import Found, Search, simulate

#: Errors up to one percentage point are small enough.
TOLERANCE = 0.01
#: The sd of formats' and of problems' effects on the logit, as spread as those of small models on few-shot tasks can be.
FORMAT_SD, PROBLEM_SD = 0.3, 1.2


def simulated_answers(n_formats: int, n_problems: int, rng: np.random.Generator) -> np.ndarray:
    """(formats, problems) 0 or 1: a logistic model with an effect of the format and one of the problem."""
    formats = rng.normal(0, FORMAT_SD, size=(n_formats, 1))
    problems = rng.normal(0.3, PROBLEM_SD, size=n_problems)
    return (rng.random((n_formats, n_problems)) < 1 / (1 + np.exp(-formats - problems))).astype(float)


def found_by_thompson(right: np.ndarray, budget: int, pull: int, at_once: int, rng: np.random.Generator) -> float:
    """The spread between the two formats that the search ends with, on all problems."""
    search = Search(*right.shape, pull=pull, budget=budget, at_once=at_once)
    found: Found = simulate(search, lambda each: right[each.arm, each.start : each.stop], rng)
    return float(right[found.best].mean() - right[found.worst].mean())


def found_uniformly(right: np.ndarray, budget: int) -> float:
    """As many problems for every format; the best and the worst are then asked for the rest, as the search does."""
    n_formats, n_problems = right.shape
    part = right[:, : max(1, min(n_problems, budget // n_formats))].mean(axis=1)
    return float(right[part.argmax()].mean() - right[part.argmin()].mean())


def budgets_needed(
    n_formats: int, n_problems: int, pull: int, at_once: int, tasks: int, rng: np.random.Generator, steps: int = 40
) -> tuple[int, int]:
    """The smallest budgets at which the mean error over simulated tasks is within `TOLERANCE`: Thompson's, the uniform one."""
    answers = [simulated_answers(n_formats, n_problems, rng) for _ in range(tasks)]
    budgets = [n_formats * n_problems * step // steps for step in range(1, steps + 1)]
    by_thompson = next(
        budget
        for budget in budgets
        if _error(answers, [found_by_thompson(right, budget, pull, at_once, rng) for right in answers]) <= TOLERANCE
    )
    uniformly = next(
        budget for budget in budgets if _error(answers, [found_uniformly(right, budget) for right in answers]) <= TOLERANCE
    )
    return by_thompson, uniformly


def _error(answers: list[np.ndarray], found: list[float]) -> float:
    return float(np.mean([abs(np.ptp(right.mean(axis=1)) - each) for right, each in zip(answers, found, strict=True)]))
