"""The exponentiated power law of coverage, c(k) = exp(a k^b) with a, b < 0. Large Language Monkeys, 2024."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .intervals import RESAMPLES, bootstrap_means

#: Exponents searched. The published fits lie between -1 and 0; -8 is as good as "solved by the second sample".
_STEEPEST = -8.0
_LEAST_POINTS = 4


@dataclass(frozen=True)
class CoverageFit:
    """`residuals` are log c minus fitted log c at `ks`; `r_squared` and `rmse` are of log c as well."""

    a: float
    b: float
    ks: tuple[int, ...]
    residuals: tuple[float, ...]
    r_squared: float
    rmse: float

    def coverage(self, ks: np.ndarray) -> np.ndarray:
        return np.exp(self.a * np.asarray(ks, dtype=float) ** self.b)

    def samples_for(self, coverage: float) -> float:
        """The k at which the law reaches a coverage in (0, 1); an extrapolation beyond the last of `ks`."""
        return float(samples_for(coverage, self.a, self.b))


@dataclass(frozen=True)
class NoFit:
    """Why no law was fitted, in words for the user."""

    reason: str


def fit_coverage(ks: tuple[int, ...], coverage: np.ndarray) -> CoverageFit | NoFit:
    """Nonlinear least squares on log c. Points with c = 0 have no logarithm and are left out."""
    usable = np.asarray(coverage) > 0
    if not usable.any():
        return NoFit("no problem was solved by any sample")
    kept = tuple(k for k, use in zip(ks, usable, strict=True) if use)
    log_c = np.log(np.asarray(coverage)[usable])
    if not log_c.any():
        return NoFit("every problem was solved by every sample")
    if len(kept) < _LEAST_POINTS:
        return NoFit(f"it takes solved problems at {_LEAST_POINTS} values of k or more, and there are {len(kept)}")
    spread = float(((log_c - log_c.mean()) ** 2).sum())
    if spread < 1e-12:
        return NoFit("coverage does not change with k")
    a, b = (float(value[0]) for value in _least_squares(kept, log_c[None, :]))
    residuals = log_c - a * np.array(kept, dtype=float) ** b
    squares = float((residuals**2).sum())
    return CoverageFit(a, b, kept, tuple(residuals.tolist()), 1 - squares / spread, float(np.sqrt(squares / len(kept))))


def samples_for(coverage: float, a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """k = (log c / a)^(1 / b) for one law or many; infinite where a law is too flat to get there."""
    with np.errstate(divide="ignore", over="ignore"):
        return (np.log(coverage) / np.asarray(a)) ** (1 / np.asarray(b))


def resampled_laws(
    ks: tuple[int, ...], pass_at_k: np.ndarray, rng: np.random.Generator, resamples: int = RESAMPLES
) -> np.ndarray | None:
    """(2, resamples) a and b fitted to resampled problems; `pass_at_k` is (problems, len(ks)).

    None where intervals would mean nothing: below two problems, or where more than one resample in twenty solved nothing at
    some k, so that the law could not be fitted to it.
    """
    if len(pass_at_k) < 2:
        return None
    means = bootstrap_means(pass_at_k, rng, resamples)
    means = means[(means > 0).all(axis=1)]
    return np.stack(_least_squares(ks, np.log(means))) if len(means) >= 0.95 * resamples else None


def _least_squares(ks: tuple[int, ...], log_c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) a and b for every row of (rows, len(ks)) log coverages.

    For a given b the best a is a ratio of sums, so only b is searched: a grid, then golden sections around its best point.
    """
    log_k = np.log(ks)

    def best_a(b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        powers = np.exp(log_k * b[:, None])
        return (log_c * powers).sum(axis=1) / (powers**2).sum(axis=1), powers

    def squares(b: np.ndarray) -> np.ndarray:
        a, powers = best_a(b)
        return ((log_c - a[:, None] * powers) ** 2).sum(axis=1)

    grid = -np.geomspace(-_STEEPEST, 1e-3, 60)
    errors = np.stack([squares(np.full(len(log_c), b)) for b in grid])
    best = errors.argmin(axis=0)
    left, right = grid[np.maximum(best - 1, 0)], np.append(grid, 0.0)[best + 1]
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(60):
        inner, outer = right - golden * (right - left), left + golden * (right - left)
        lower = squares(inner) < squares(outer)
        left, right = np.where(lower, left, inner), np.where(lower, outer, right)
    b = (left + right) / 2
    return best_a(b)[0], b
