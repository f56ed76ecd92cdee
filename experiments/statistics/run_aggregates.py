"""Few runs on several tasks: robust aggregates with intervals. Deep RL at the Edge of the Statistical Precipice (2021).

Scores are (runs, tasks) matrices in comparable units. Runs are resampled within each task; the tasks stay as they are.
"""

from collections.abc import Callable

import numpy as np
from scipy.stats import trim_mean

from .estimates import Estimate

BY_RUN = "bootstrap over runs, by task"
RESAMPLES = 2_000


def iqm(scores: np.ndarray) -> float:
    """The mean of the middle half of all scores."""
    return float(trim_mean(scores, 0.25, axis=None))


def mean(scores: np.ndarray) -> float:
    return float(scores.mean())


def median(scores: np.ndarray) -> float:
    """Over tasks, of their means."""
    return float(np.median(scores.mean(axis=0)))


def optimality_gap(scores: np.ndarray, gamma: float = 1.0) -> float:
    """By how much scores fall short of `gamma`, on average; what lies above counts as reaching it."""
    return float(gamma - np.minimum(scores, gamma).mean())


def probability_of_improvement(first: np.ndarray, second: np.ndarray) -> float:
    """That a run of the first beats one of the second on a task drawn at random; equal scores count half."""
    pairs = first[:, None, :] - second[None, :, :]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def performance_profile(scores: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """(levels,) share of all scores above each level."""
    return (scores.ravel()[None, :] > levels[:, None]).mean(axis=1)


def aggregate(
    measure: Callable[[np.ndarray], float], scores: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Estimate:
    """The measure with its interval; n counts the runs, of which an interval takes at least 2."""
    value = measure(scores)
    if len(scores) < 2:
        return Estimate(value, None, None, len(scores), BY_RUN)
    drawn = [measure(_resampled(scores, rng)) for _ in range(resamples)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high), len(scores), BY_RUN)


def improvement(first: np.ndarray, second: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES) -> Estimate:
    """`probability_of_improvement` with its interval."""
    value, n = probability_of_improvement(first, second), min(len(first), len(second))
    if n < 2:
        return Estimate(value, None, None, n, BY_RUN)
    drawn = [probability_of_improvement(_resampled(first, rng), _resampled(second, rng)) for _ in range(resamples)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high), n, BY_RUN)


def profile_bands(
    scores: np.ndarray, levels: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The performance profile with the lower and upper ends of its intervals; None for fewer than 2 runs."""
    profile = performance_profile(scores, levels)
    if len(scores) < 2:
        return profile, None, None
    drawn = np.array([performance_profile(_resampled(scores, rng), levels) for _ in range(resamples)])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return profile, low, high


def _resampled(scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.integers(len(scores), size=scores.shape)
    return np.take_along_axis(scores, drawn, axis=0)
