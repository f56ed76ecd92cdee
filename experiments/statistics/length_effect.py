"""Whether longer answers are right less often, among answers to the same problem.

o3 (mini) Thinks Harder, Not Longer, 2025: longer chains come from harder problems, so the raw slope is confounded. Both
measures here compare samples of one problem with each other only; their standard errors are clustered by problem.
"""

import numpy as np
from scipy.stats import binomtest, norm

from .estimates import Estimate

CLUSTERED = "Wald, clustered by problem"
_STEPS = 60


def right_minus_wrong(lengths: list[np.ndarray], correct: list[np.ndarray]) -> np.ndarray:
    """Mean length of a problem's right samples less that of its wrong ones, for each problem that has both."""
    pairs = [(x, z > 0) for x, z in zip(lengths, correct, strict=True) if 0 < (z > 0).sum() < len(z)]
    return np.array([x[right].mean() - x[~right].mean() for x, right in pairs])


def sign_test(differences: np.ndarray) -> float:
    """Two-sided p that differences are above zero as often as below; those of zero are left out."""
    above, below = int((differences > 0).sum()), int((differences < 0).sum())
    return float(binomtest(above, above + below).pvalue) if above + below else 1.0


def within_problem_slope(lengths: list[np.ndarray], correct: list[np.ndarray]) -> Estimate:
    """Least squares with a level of its own for every problem: the average marginal effect of one unit of length.

    n counts the problems in which lengths differ; the others say nothing. The variance is that of clustered residuals with
    the usual small-sample factor.
    """
    pairs = [(x - x.mean(), z - z.mean()) for x, z in zip(lengths, correct, strict=True) if np.ptp(x) > 0]
    n = len(pairs)
    if n < 2:
        return Estimate(None, None, None, n, CLUSTERED)
    squares = sum(float(x @ x) for x, _ in pairs)
    slope = sum(float(x @ z) for x, z in pairs) / squares
    scores = np.array([float(x @ (z - slope * x)) for x, z in pairs])
    return wald(slope, np.sqrt((scores**2).sum() * n / (n - 1)) / squares, n)


def conditional_logit(lengths: list[np.ndarray], correct: list[np.ndarray]) -> Estimate:
    """The change in log-odds per unit of length by conditional logistic regression, problem by problem.

    Given how many of a problem's samples are right, the chance of which ones are depends on the slope alone, so difficulty
    drops out. The denominator, a sum over all subsets of that size, is built up sample by sample. n counts the problems with
    right and wrong samples whose lengths differ. No estimate where length tells right from wrong perfectly.
    """
    usable = [(x - x.mean(), z > 0) for x, z in zip(lengths, correct, strict=True) if np.ptp(x) > 0 and 0 < z.sum() < len(z)]
    n = len(usable)
    if n < 2:
        return Estimate(None, None, None, n, CLUSTERED)
    x, chosen, sizes = _padded(usable)
    unit = np.sqrt((x**2).sum() / sum(len(each) for each, _ in usable))
    x = x / unit
    observed = (x * chosen).sum(axis=1)
    n_chosen = chosen.sum(axis=1).astype(int)
    slope = 0.0
    for _ in range(_STEPS):
        mean, variance = _moments(x, sizes, n_chosen, slope)
        information = variance.sum()
        step = np.clip((observed - mean).sum() / information, -1, 1)
        slope += step
        if abs(step) < 1e-10:
            break
        if abs(slope) > 20 or information < 1e-12:
            return Estimate(None, None, None, n, CLUSTERED)
    mean, variance = _moments(x, sizes, n_chosen, slope)
    scores = observed - mean
    error = np.sqrt((scores**2).sum() * n / (n - 1)) / variance.sum()
    return wald(slope / unit, error / unit, n)


def _padded(usable: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(problems, longest) lengths and flags, zeros beyond each problem's own size, and (problems,) sizes."""
    sizes = np.array([len(x) for x, _ in usable])
    x, chosen = np.zeros((len(usable), sizes.max())), np.zeros((len(usable), sizes.max()))
    for i, (each, flags) in enumerate(usable):
        x[i, : len(each)], chosen[i, : len(each)] = each, flags
    return x, chosen, sizes


def _moments(x: np.ndarray, sizes: np.ndarray, n_chosen: np.ndarray, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """(problems,) mean and variance of the summed length of the right samples, given how many there are.

    b[m] sums exp(slope * total) over subsets of m samples; its first two derivatives come along in the same recursion.
    Rescaled after each sample so that nothing overflows.
    """
    problems = len(x)
    rows = np.arange(problems)
    b = np.zeros((3, problems, int(n_chosen.max()) + 1))
    b[0, :, 0] = 1
    for j in range(x.shape[1]):
        there = (j < sizes)[:, None]
        value = x[:, j, None]
        weight = np.exp(slope * value) * there
        zeroth, first, second = b[0, :, :-1], b[1, :, :-1], b[2, :, :-1]
        added = np.stack([zeroth, first + value * zeroth, second + 2 * value * first + value**2 * zeroth]) * weight
        b[:, :, 1:] += added
        b /= np.maximum(b[0].max(axis=1), 1e-300)[:, None]
    total, first, second = b[:, rows, n_chosen]
    mean = first / total
    return mean, second / total - mean**2


def wald(value: float, error: float, n: int) -> Estimate:
    half = norm.ppf(0.975) * error
    return Estimate(float(value), float(value - half), float(value + half), n, CLUSTERED)
