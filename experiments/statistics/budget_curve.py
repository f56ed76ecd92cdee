"""Accuracy of answers that had to be finished within so many tokens."""

import numpy as np


def budget_grid(longest: int, points: int) -> np.ndarray:
    """Whole numbers of tokens from 1 to the longest answer, evenly spaced in their logarithm; equal ones once."""
    return np.unique(np.round(np.geomspace(1, max(longest, 2), points)).astype(int))


def right_within(tokens: np.ndarray, correct: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """(budgets,) share of (n,) samples that are right and have at most so many tokens."""
    return (correct[:, None] & (tokens[:, None] <= budgets)).mean(axis=0)


def area_under(budgets: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(problems,) areas under (problems, budgets) shares over the logarithm of the budget, as a share of the largest possible."""
    x = np.log(budgets)
    return ((right[:, 1:] + right[:, :-1]) / 2 * np.diff(x)).sum(axis=1) / (x[-1] - x[0])
