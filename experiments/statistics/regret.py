"""Regret over a token budget: how much of the budget passed without the right answer.

Optimizing Test-Time Compute via Meta Reinforcement Fine-Tuning (MRT), 2025.
"""

import numpy as np


def regret(tokens: np.ndarray, accuracy: np.ndarray, budget: float) -> float:
    """1 - area / budget, the area under straight lines through (0, 0) and the points, cut at the budget or held flat up to it.

    tokens: ascending, spent up to each point; accuracy: the share correct when made to answer there.
    """
    x, y = np.concatenate([[0.0], tokens]), np.concatenate([[0.0], accuracy])
    inside = x < budget
    ends = np.append(x[inside], budget), np.append(y[inside], np.interp(budget, x, y))
    return 1 - float(np.trapezoid(ends[1], ends[0])) / budget
