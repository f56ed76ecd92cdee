"""Logistic regression with standard errors clustered by problem, read as an average marginal effect."""

import numpy as np
from scipy.special import expit

from .estimates import Estimate
from .length_effect import CLUSTERED, wald

_STEPS = 50


def average_marginal_effect(x: np.ndarray, right: np.ndarray, groups: np.ndarray) -> Estimate:
    """How much the chance of a 1 in `right` (n,) changes per unit of the first column of `x` (n, columns), on average.

    A constant is added; rows of one of `groups` (n,) are not independent, and n counts the groups. The interval is by the delta
    method. No estimate where a column tells right from wrong perfectly, or says the same as another.
    """
    n_groups = len(np.unique(groups))
    nothing = Estimate(None, None, None, n_groups, CLUSTERED)
    design = np.column_stack([x, np.ones(len(x))])
    if n_groups < 2 or np.linalg.matrix_rank(design) < design.shape[1] or right.min() == right.max():
        return nothing
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = expit(design @ beta)
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        if np.linalg.cond(information) > 1e12:
            return nothing
        step = np.linalg.solve(information, design.T @ (right - chance))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    else:
        return nothing
    _, place = np.unique(groups, return_inverse=True)
    scores = np.zeros((n_groups, design.shape[1]))
    np.add.at(scores, place, design * (right - chance)[:, None])
    inverse = np.linalg.inv(information)
    covariance = inverse @ (scores.T @ scores) @ inverse * n_groups / (n_groups - 1)
    density = chance * (1 - chance)
    gradient = beta[0] * (design * (density * (1 - 2 * chance))[:, None]).mean(axis=0)
    gradient[0] += density.mean()
    return wald(float(beta[0] * density.mean()), float(np.sqrt(gradient @ covariance @ gradient)), n_groups)
