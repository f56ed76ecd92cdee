"""Whether confidences match frequencies. Language Models (Mostly) Know What They Know, 2022, and the measures around it."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True, eq=False)
class Reliability:
    """One row per bin that holds something: mean confidence, share correct, and how many."""

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    centres: np.ndarray

    @property
    def gaps(self) -> np.ndarray:
        return np.abs(self.accuracy - self.confidence)

    @property
    def ece(self) -> float:
        """Expected calibration error: the gaps, weighted by how many."""
        return float(self.counts @ self.gaps / self.counts.sum())

    @property
    def ece_of_centres(self) -> float:
        """The variant that takes a bin's centre for its confidence."""
        return float(self.counts @ np.abs(self.accuracy - self.centres) / self.counts.sum())

    @property
    def mce(self) -> float:
        """Maximum calibration error."""
        return float(self.gaps.max())

    @property
    def rmsce(self) -> float:
        """Root mean square of the gaps, every bin weighing the same."""
        return float(np.sqrt((self.gaps**2).mean()))


def reliability(confidence: np.ndarray, correct: np.ndarray, bins: int = 10) -> Reliability:
    """Equal-width bins (low, high], the first with 0 in it; empty ones are left out and count for nothing."""
    at = np.clip(np.ceil(confidence * bins - 1e-9).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(at, minlength=bins)
    held = counts > 0
    mean_confidence = np.bincount(at, confidence, bins)[held] / counts[held]
    return Reliability(
        mean_confidence,
        np.bincount(at, correct, bins)[held] / counts[held],
        counts[held],
        ((np.arange(bins) + 0.5) / bins)[held],
    )


def ace(confidence: np.ndarray, correct: np.ndarray, groups: int = 10) -> float:
    """Adaptive calibration error: the mean gap of equal-count groups by confidence; the last group takes what is left over."""
    order = np.argsort(confidence, kind="stable")
    size = max(1, len(order) // groups)
    starts = np.arange(0, len(order), size)[:groups]
    parts = np.split(order, starts[1:])
    return float(np.mean([abs(correct[part].mean() - confidence[part].mean()) for part in parts]))


def brier(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Mean squared difference of confidence and outcome."""
    return float(((confidence - correct) ** 2).mean())


def log_loss(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Negative log-likelihood per outcome, confidences clipped at 1e-6 and 1 - 1e-6."""
    p = np.clip(confidence, 1e-6, 1 - 1e-6)
    return float(-np.where(correct, np.log(p), np.log(1 - p)).mean())


def auroc(confidence: np.ndarray, correct: np.ndarray) -> float | None:
    """The chance that a right one has more confidence than a wrong one, ties half; None without both."""
    n_right = int(np.count_nonzero(correct))
    n_wrong = len(correct) - n_right
    if not n_right or not n_wrong:
        return None
    ranks = rankdata(confidence)
    return float((ranks[np.asarray(correct, dtype=bool)].sum() - n_right * (n_right + 1) / 2) / (n_right * n_wrong))
