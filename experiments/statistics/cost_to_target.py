"""What it costs to reach an accuracy: the k, and the tokens of k samples, at which a curve first gets there."""

from dataclasses import dataclass

import numpy as np

from .estimates import Estimate
from .intervals import BY_PROBLEM, bootstrap_means, middle


@dataclass(frozen=True)
class CostToTarget:
    """`samples` and `tokens` per problem. None where the curve stays below; `high` is None where too many resamples do."""

    samples: Estimate
    tokens: Estimate


def first_reach(ks: np.ndarray, curves: np.ndarray, target: float) -> np.ndarray:
    """(rows,) where each of (rows, len(ks)) curves first reaches the target, on straight lines between its points.

    Infinite where it never does; the first k where it starts above.
    """
    ks = np.asarray(ks, dtype=float)
    above = curves >= target
    at = above.argmax(axis=1)
    rows = np.arange(len(curves))
    before = np.maximum(at - 1, 0)
    rise = curves[rows, at] - curves[rows, before]
    part = np.where(at > 0, (target - curves[rows, before]) / np.where(rise > 0, rise, 1), 1.0)
    return np.where(above.any(axis=1), ks[before] + part * (ks[at] - ks[before]), np.inf)


def cost_to_target(
    ks: tuple[int, ...], curves: dict[str, np.ndarray], tokens: np.ndarray, target: float, rng: np.random.Generator
) -> tuple[dict[str, CostToTarget], np.ndarray | None]:
    """For every selector, from (problems, len(ks)) curves and (problems,) mean tokens of one sample.

    Also the resampled tokens, (selectors, resamples), infinite where a resample does not get there, for paired differences;
    None below two problems. All selectors share the resampled problems.
    """
    n = len(tokens)
    width = len(ks)
    together = np.hstack([*curves.values(), tokens[:, None]])
    drawn = bootstrap_means(together, rng) if n > 1 else None
    found, resampled = {}, []
    for i, selector in enumerate(curves):
        part = slice(i * width, (i + 1) * width)
        reached = first_reach(ks, together[:, part].mean(axis=0, keepdims=True), target)
        samples, spent = float(reached[0]), float(_spent(reached, tokens.mean())[0])
        if drawn is None:
            found[selector] = CostToTarget(_estimate(samples, None, n), _estimate(spent, None, n))
            continue
        ks_drawn = first_reach(ks, drawn[:, part], target)
        resampled.append(_spent(ks_drawn, drawn[:, -1]))
        found[selector] = CostToTarget(_estimate(samples, ks_drawn, n), _estimate(spent, resampled[-1], n))
    return found, None if drawn is None else np.stack(resampled)


def _spent(ks: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return np.where(np.isinf(ks), np.inf, np.where(np.isinf(ks), 0, ks) * tokens)


def _estimate(value: float, resampled: np.ndarray | None, n: int) -> Estimate:
    if not np.isfinite(value):
        return Estimate(None, None, None, n, BY_PROBLEM)
    if resampled is None:
        return Estimate(value, None, None, n, BY_PROBLEM)
    low, high = np.percentile(resampled, middle(n), method="higher").tolist()
    return Estimate(value, low, high if np.isfinite(high) else None, n, BY_PROBLEM)
