"""Whether something rises and then falls: a quadratic with its vertex, and two lines that have to disagree."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from .estimates import Estimate

ROBUST = "t with HC3 errors"


@dataclass(frozen=True)
class Quadratic:
    """y = b0 + b1 x + b2 x². `vertex` is -b1 / (2 b2) with the interval of the delta method, None where b2 is 0."""

    coefficients: tuple[float, float, float]
    curvature: Estimate  # b2
    vertex: Estimate | None

    def at(self, x: np.ndarray) -> np.ndarray:
        return np.polynomial.polynomial.polyval(x, self.coefficients)


@dataclass(frozen=True)
class TwoLines:
    """Slopes up to the split and after it, with their two-sided p."""

    split: float
    before: Estimate
    p_before: float
    after: Estimate
    p_after: float

    def is_inverted_u(self, level: float = 0.05) -> bool:
        """Rises before and falls after, each significantly."""
        rises = self.before.value > 0 and self.p_before < level
        return rises and self.after.value < 0 and self.p_after < level


def quadratic(x: np.ndarray, y: np.ndarray) -> Quadratic | None:
    """By least squares over (n,) points; None for fewer than five, or fewer than four places on x."""
    if len(x) < 5 or len(np.unique(x)) < 4:
        return None
    b, covariance = _least_squares(np.column_stack([np.ones_like(x), x, x**2]), y)
    half = t.ppf(0.975, len(x) - 3)
    curvature = _estimate(b[2], covariance[2, 2], half, len(x))
    vertex = None
    if abs(b[2]) > 1e-12:
        gradient = np.array([0, -1 / (2 * b[2]), b[1] / (2 * b[2] ** 2)])
        vertex = _estimate(-b[1] / (2 * b[2]), gradient @ covariance @ gradient, half, len(x))
    return Quadratic(tuple(b.tolist()), curvature, vertex)


def two_lines(x: np.ndarray, y: np.ndarray, split: float) -> TwoLines | None:
    """Two Lines: A Valid Alternative to the Invalid Testing of U-Shaped Relationships With Quadratic Regressions (Simonsohn,
    2018), split at a given place, such as the vertex of the quadratic, and not where the power would be greatest.

    One regression with a slope on either side and a jump between them, errors by HC3. Points at the split belong to the first
    line. None where one of the sides has fewer than two places or three points.
    """
    first = x <= split
    if min(first.sum(), (~first).sum()) < 3 or min(len(np.unique(x[first])), len(np.unique(x[~first]))) < 2:
        return None
    design = np.column_stack([np.ones_like(x), np.where(first, x - split, 0), np.where(first, 0, x - split), ~first])
    b, covariance = _least_squares(design.astype(float), y)
    freedom = len(x) - 4
    if freedom < 1:
        return None
    slopes = [_estimate(b[k], covariance[k, k], t.ppf(0.975, freedom), len(x)) for k in (1, 2)]
    p = [_p(b[k], covariance[k, k], freedom) for k in (1, 2)]
    return TwoLines(split, slopes[0], p[0], slopes[1], p[1])


def _least_squares(design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(coefficients, their covariance by HC3)."""
    inverse = np.linalg.inv(design.T @ design)
    b = inverse @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    errors = (y - design @ b) / np.maximum(1 - leverage, 1e-12)
    return b, inverse @ (design.T * errors**2) @ design @ inverse


def _estimate(value: float, variance: float, half: float, n: int) -> Estimate:
    error = half * float(np.sqrt(max(variance, 0)))
    return Estimate(float(value), float(value) - error, float(value) + error, n, ROBUST)


def _p(value: float, variance: float, freedom: int) -> float:
    if variance <= 0:
        return 1.0 if abs(value) < 1e-12 else 0.0
    return float(2 * t.sf(abs(value) / np.sqrt(variance), freedom))
