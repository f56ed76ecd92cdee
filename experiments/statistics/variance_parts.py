"""What a mean over problems owes to which problems they are, and what to the draw of the samples."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class VarianceParts(NamedTuple):
    """Standard errors of the mean accuracy: `items` that more samples cannot lessen, `draws` that they do.

    `flips` is the chance that another draw on the same problem gets the other verdict.
    """

    items: float
    draws: float
    flips: float
    n: int


def variance_parts(correct: Sequence[np.ndarray]) -> VarianceParts | None:
    """From each problem's verdicts, at least 2 each; None where no problem has so many.

    Var(mean) = Var(p) / n + E[p (1 - p) / K] / n, both terms unbiased: the spread of the observed accuracies holds part of the
    second one, which is taken off.
    """
    many = [each for each in correct if len(each) >= 2]
    n = len(many)
    if n < 2:
        return None
    sizes = np.array([len(each) for each in many])
    accuracies = np.array([each.mean() for each in many])
    within = accuracies * (1 - accuracies) * sizes / (sizes - 1)  # unbiased p (1 - p)
    of_draws = float((within / sizes).mean())
    of_items = max(0.0, float(accuracies.var(ddof=1)) - of_draws)
    return VarianceParts(float(np.sqrt(of_items / n)), float(np.sqrt(of_draws / n)), float(2 * within.mean()), n)
