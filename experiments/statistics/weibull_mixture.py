"""Two-Weibull mixtures of path probabilities, fitted to many sets of samples at once.

Bridging Internal Probability and Self-Consistency for Effective and Efficient LLM Reasoning, 2025.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gamma

#: Expectation-maximisation steps; samples of two clear components need 20. The ceiling keeps a shape from falling onto one point.
STEPS = 40
_SHAPES, _SCALES = (1.0, 1.5), (1.0, 2.0)
_SHAPE_BOUNDS, _WEIGHT_BOUNDS = (0.01, 100.0), (0.2, 0.8)


class WeibullMixture(NamedTuple):
    """(rows,) `weight` of the first component; (2, rows) `shapes` and `scales`; `high` is the component with the larger mean."""

    weight: np.ndarray
    shapes: np.ndarray
    scales: np.ndarray

    @property
    def means(self) -> np.ndarray:
        return self.scales * gamma(1 + 1 / self.shapes)

    @property
    def high(self) -> np.ndarray:
        return self.means.argmax(axis=0)

    def log_densities(self, p: np.ndarray) -> np.ndarray:
        """(2, rows, n) log of each component's share of the density at p, (rows, n) and above 0."""
        shapes, scales = self.shapes[..., None], self.scales[..., None]
        log_p = np.log(p)
        log_weights = np.log(np.stack([self.weight, 1 - self.weight]))[..., None]
        log_ratio = log_p - np.log(scales)
        return log_weights + np.log(shapes / scales) + (shapes - 1) * log_ratio - np.exp(shapes * log_ratio)

    def log_likelihood(self, p: np.ndarray) -> np.ndarray:
        """(rows,)"""
        return np.logaddexp(*self.log_densities(p)).sum(axis=1)

    def density(self, p: np.ndarray) -> np.ndarray:
        """(rows, n)"""
        return np.exp(np.logaddexp(*self.log_densities(p)))

    def is_low(self, p: np.ndarray) -> np.ndarray:
        """(rows, n) bool: whether a path more probably comes from the low component."""
        first, second = self.log_densities(p)
        return np.where((self.high == 0)[:, None], second > first, first > second)


def fit_weibull_mixture(p: np.ndarray, steps: int = STEPS) -> WeibullMixture:
    """The likeliest mixture near the published start for every row of (rows, n) values above 0.

    Expectation-maximisation; the shapes have no closed form, so each step takes one Newton step towards theirs. The weight
    stays within 0.2 and 0.8 as published.
    """
    log_p = np.log(p)
    rows = len(p)
    shapes = np.repeat(np.array(_SHAPES)[:, None], rows, axis=1)
    scales = np.repeat(np.array(_SCALES)[:, None], rows, axis=1)
    mixture = WeibullMixture(np.full(rows, 0.5), shapes, scales)
    first, second = mixture.log_densities(p)
    powers = [np.exp(shape[:, None] * log_p) for shape in shapes]
    for _ in range(steps):
        share = 1 / (1 + np.exp(np.clip(second - first, -700, 700)))
        weight = np.clip(share.mean(axis=1), *_WEIGHT_BOUNDS)
        logs = []
        for i, (belongs, prior) in enumerate(((share, weight), (1 - share, 1 - weight))):
            total = np.maximum(belongs.sum(axis=1), 1e-12)
            shapes[i] = _better_shape(shapes[i], belongs, total, powers[i], log_p)
            powers[i] = np.exp(shapes[i][:, None] * log_p)
            scale_power = np.maximum((belongs * powers[i]).sum(axis=1) / total, 1e-300)
            scales[i] = scale_power ** (1 / shapes[i])
            constant = np.log(prior) + np.log(shapes[i]) - np.log(scale_power)
            logs.append(constant[:, None] + (shapes[i] - 1)[:, None] * log_p - powers[i] / scale_power[:, None])
        first, second = logs
    return WeibullMixture(weight, shapes, scales)


def _better_shape(shape: np.ndarray, belongs: np.ndarray, total: np.ndarray, powers: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    """One Newton step towards the root of sum(b p^k log p) / sum(b p^k) - 1/k - mean log p, at most halving or doubling k."""
    weighted = belongs * powers
    s0 = np.maximum(weighted.sum(axis=1), 1e-300)
    weighted *= log_p
    s1 = weighted.sum(axis=1) / s0
    s2 = (weighted * log_p).sum(axis=1) / s0
    mean_log = (belongs * log_p).sum(axis=1) / total
    step = (s1 - 1 / shape - mean_log) / (s2 - s1**2 + 1 / shape**2)
    return np.clip(np.clip(shape - step, shape / 2, shape * 2), *_SHAPE_BOUNDS)
